/** The client as a command that is told the ports of the services. */
import { addressVariables, isLoopback, LOOPBACK } from '../../core/address.ts';
import type { Command, Environment } from '../../core/suite.ts';
import { withPort } from '../../process/service/start-parts.ts';
import { addressOf } from '../common/address.ts';
import type { ComponentContext } from '../common/context.ts';
import type { Step } from '../common/run-step.ts';
import type { HttpComponent } from './component.ts';

/** Ports by the service's name; null if it has none. */
export type Ports = ReadonlyMap<string, number | null>;

/**
 * The addresses of services, as environment variables.
 *
 * @param ports as the next process is to see them
 */
export function addressesOf(
  ports: Ports,
  { services }: Pick<HttpComponent, 'services'>,
  context: Pick<ComponentContext, 'services'>,
): Environment {
  const all = [...ports].map(([name, port]) => {
    const own = services.find((service) => service.name === name);
    const address = own === undefined ? context.services.get(name)?.address : addressOf(own, port);
    if (address === undefined) return {};
    // A proxy stands on localhost.
    const host = address.port === port ? address.host : LOOPBACK;
    return addressVariables(name, { ...address, host, port });
  });
  return Object.assign({}, ...all);
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
  component: HttpComponent,
  ports: Ports,
  context: ComponentContext,
): Step | undefined {
  const { client, target, services, cwd } = component;
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
  const used = context.services.get(target)?.address;
  // A port alone means this machine: a client must not try what happens to listen here in place of another machine.
  const isRemote = used?.url !== undefined && !isLoopback(used.host);
  const { PORT: _, ...withoutPort } = env;
  return {
    name: 'client',
    command: withPort(command, isRemote ? null : port),
    cwd,
    env: {
      ...(isRemote ? withoutPort : env),
      ...addressesOf(ports, component, context),
      ...(port === null || isRemote ? {} : { PORT: String(port) }),
    },
    expect: client.expect,
    tests: { results: client.results ?? null },
  };
}
