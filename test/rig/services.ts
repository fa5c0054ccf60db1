/** What tests of services have in common: suites of a server and a client that phone home, and who is who. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Finding, FindingCode } from '../../src/core/finding.ts';
import type { FakeCommand, JsonComponent, JsonReport, Rig } from './rig.ts';

/** Makes the program write its JSON report where `rig.report()` reads it. */
export const JSON_REPORT = ['--report', 'json=report.json'] as const;

/** The words of a command, for configs that want a program and its arguments. */
export const argvOf = (command: FakeCommand): string[] => command.line.split(' ').slice(1);

/** A config's http component whose server and client do what the test says. */
export async function httpSuite(
  rig: Rig,
  options: { readonly server?: object; readonly client?: unknown; readonly suite?: object } = {},
): Promise<{ server: FakeCommand; client: FakeCommand; port: number }> {
  const server = rig.command();
  const client = rig.command();
  const port = await rig.freePort();
  rig.config({
    components: {
      http: {
        kind: 'http',
        server: { run: server.line, port, ...options.server },
        client: options.client ?? client.line,
      },
    },
    ...options.suite,
  });
  return { server, client, port };
}

/** A component of a report, by its name. */
export function componentOf(report: JsonReport, name = 'http'): JsonComponent {
  const found = report.components.find((component) => component.name === name);
  if (found === undefined) throw new Error(`the report has no component ${name}`);
  return found;
}

/** The finding with a code, all of its fields known. */
export function findingOf<C extends FindingCode>(
  component: Pick<JsonComponent, 'findings'>,
  code: C,
): Extract<Finding, { code: C }> {
  const found = component.findings.find((finding) => finding.code === code);
  if (found === undefined) throw new Error(`no finding ${code} in ${JSON.stringify(component.findings)}`);
  return found as Extract<Finding, { code: C }>;
}

export const codesOf = (component: JsonComponent): FindingCode[] =>
  component.findings.map(({ code }) => code);

/** The outcomes of all cells of a component's matrices, each once, in the order of the alphabet. */
export const cellOutcomes = ({ grids = [] }: JsonComponent): string[] =>
  [...new Set(grids.flatMap(({ cells }) => cells.map(({ outcome }) => outcome)))].sort();

/** Starts a command that no run knows of, with the command line that a run would give it. It ends with the rig. */
export function startForeign(rig: Rig, command: FakeCommand): ChildProcess {
  return spawn('/bin/sh', ['-c', command.line], { cwd: rig.dir, stdio: 'ignore' });
}

/** Listens on a port from within the test's own process. */
export async function holdPort(port: number, host = '127.0.0.1'): Promise<AsyncDisposable> {
  const server = createServer((socket) => socket.destroy());
  server.listen(port, host);
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
