/** What is told of a client that failed, with what its services said meanwhile: without a process, on virtual time. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { EXPECT_SUCCESS, type Service } from '../../../src/core/suite.ts';
import type { HttpComponent } from '../../../src/kinds/http/component.ts';
import { runHttp } from '../../../src/kinds/http/run.ts';
import { FakeAttempt } from '../../rig/fake-context.ts';
import type { FakeCommand } from '../../rig/fake-processes.ts';
import { serviceSpec } from '../../rig/service-spec.ts';

const component = (service: Partial<Service> = {}): HttpComponent =>
  ({
    kind: 'http',
    name: 'http',
    cwd: '/',
    services: [
      serviceSpec({ port: null, ready: { type: 'log', pattern: { type: 'text', text: 'up' } }, ...service }),
    ],
    target: 'server',
    client: { type: 'command', command: { type: 'shell', line: './client' }, expect: EXPECT_SUCCESS },
    via: [],
  }) as unknown as HttpComponent;

/** Runs a component whose server and client print and end as is said. */
async function run(
  of: HttpComponent,
  act: (server: FakeCommand, client: FakeCommand) => void,
): Promise<readonly Finding[]> {
  const attempt = new FakeAttempt();
  const { processes } = attempt;
  processes.holds = true;
  let isOver = false;
  const ended = runHttp(of, attempt.context).finally(() => {
    isOver = true;
  });
  const server = await processes.started('try.1/server');
  server.print('ERROR: no cache, going on without\nup\n');
  const client = await processes.started('try.1/client');
  act(server, client);
  while (!isOver) {
    processes.time.pass(50);
    await turn();
  }
  return ended;
}

const failing = (text: string) => (server: FakeCommand, client: FakeCommand) => {
  server.print(text);
  client.print('AssertionError: expected 500 to equal 200\n');
  client.finish(1);
};

test('what a service printed while the client ran stands beside why the client failed', async () => {
  const [finding] = await run(
    component(),
    failing('GET /users\nERROR: no such table: users\nERROR: later\n'),
  );
  expect(finding).toMatchObject({
    code: 'exit-code',
    message: 'client exited with code 1: AssertionError: expected 500 to equal 200',
    meanwhile: [{ step: 'server', message: 'ERROR: no such table: users' }],
  });
});

test('a structured line is read, however long', async () => {
  const line = JSON.stringify({
    level: 50,
    err: { type: 'Error', message: 'locked', stack: 'x'.repeat(900) },
    msg: 'failed',
  });
  const [finding] = await run(component(), failing(`${line}\n`));
  expect(finding?.meanwhile).toEqual([{ step: 'server', message: 'failed: Error: locked' }]);
});

test('what it printed before, and what is allowed, is nothing that explains it', async () => {
  const expected = { ...EXPECT_SUCCESS, allow: [{ type: 'text', text: 'no such table' } as const] };
  const [finding] = await run(component({ expect: expected }), failing('ERROR: no such table: users\n'));
  expect(finding).not.toHaveProperty('meanwhile');
});

test('of a client that passes nothing is said', async () => {
  const findings = await run(component(), (server, client) => {
    server.print('ERROR: no such table: users\n');
    client.finish(0);
  });
  expect(findings).toEqual([]);
});

const daemon = (foreground: Service['foreground'], command: Service['command']): HttpComponent =>
  component({ daemon: true, foreground, command });

test('of a daemon that is not heard it is said that its words are lost, and how to hear them', async () => {
  const byConvention = daemon(
    { type: 'argv', argv: ['./http'] },
    { type: 'argv', argv: ['./http', '--daemon'] },
  );
  expect((await run(byConvention, failing('')))[0]?.hint).toMatch(/`shakedown --foreground` shows it/);
  const other = daemon({ type: 'shell', line: 'app run' }, { type: 'shell', line: 'app start' });
  expect((await run(other, failing('')))[0]?.hint).toMatch(/`shakedown --foreground` shows it/);
  const unsaid = daemon(null, { type: 'shell', line: 'app start' });
  expect((await run(unsaid, failing('')))[0]?.hint).toMatch(/run it in the foreground, without daemon: true/);
  expect((await run(other, failing('it is heard\n')))[0]).not.toHaveProperty('hint');
});
