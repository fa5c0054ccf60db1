/** The client as a command that is told the ports of the services. */
import type { Command, Environment } from '../../core/suite.ts';
import { withPort } from '../../process/service/start-parts.ts';
import type { ComponentContext } from '../common/context.ts';
import type { Step } from '../common/run-step.ts';
import type { HttpComponent } from './component.ts';

/** Ports by the service's name; null if it has none. */
export type Ports = ReadonlyMap<string, number | null>;

const portVariable = (name: string): string => `${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_PORT`;

/** The ports of the running services, as environment variables for the next process. */
export function portEnvironment(ports: Ports): Environment {
  const entries = [...ports].flatMap(([name, port]): [string, string][] =>
    port === null ? [] : [[portVariable(name), String(port)]],
  );
  return Object.fromEntries(entries);
}

/** Replaces a port where it is a word of a text, or the port in a URL. */
function redirect(text: string, from: number, to: number): string {
  return text.replace(new RegExp(`(^|[\\s:='"])${from}(?=$|[\\s/?#'"])`, 'g'), `$1${to}`);
}

function redirectCommand(command: Command, from: number, to: number): Command {
  if (command.type === 'shell') return { type: 'shell', line: redirect(command.line, from, to) };
  const [program, ...args] = command.argv;
  return { type: 'argv', argv: [program, ...args.map((arg) => redirect(arg, from, to))] };
}

/**
 * The client's command; undefined for the built-in client.
 *
 * @param ports as the client is to see them: the proxy's, if one stands before its service. If the command contains the
 *   service's own fixed port, the proxy's replaces it there too.
 */
export function clientStep(
  { client, target, services, cwd }: HttpComponent,
  ports: Ports,
  context: ComponentContext,
): Step | undefined {
  if (client.type !== 'command') return undefined;
  const port = ports.get(target) ?? null;
  const own = services.find(({ name }) => name === target)?.port;
  const isElsewhere = port !== null && typeof own === 'number' && own !== 0 && own !== port;
  const command = isElsewhere ? redirectCommand(client.command, own, port) : client.command;
  const env = isElsewhere
    ? Object.fromEntries(
        Object.entries(context.env).map(([name, value]) => [name, redirect(value, own, port)]),
      )
    : context.env;
  return {
    name: 'client',
    command: withPort(command, port),
    cwd,
    env: {
      ...env,
      ...portEnvironment(ports),
      ...(port === null ? {} : { PORT: String(port) }),
    },
    expect: client.expect,
  };
}
