/** Where a client learns the port of its service: that of a proxy takes its place everywhere. */
import { expect, test } from 'vitest';
import { type Command, EXPECT_SUCCESS } from '../../../../src/core/suite.ts';
import { clientStep } from '../../../../src/kinds/http/client-step.ts';
import type { HttpComponent } from '../../../../src/kinds/http/component.ts';
import { FakeAttempt } from '../../../rig/fake-context.ts';
import { serviceSpec } from '../../../rig/service-spec.ts';

/** The step of a client of a service with a fixed port, as it is sent to another one. */
function stepOf(command: Command, env: Readonly<Record<string, string>> = {}, to = 40_000) {
  const component = {
    kind: 'http',
    cwd: '/',
    services: [serviceSpec({ port: 8001 })],
    target: 'server',
    client: { type: 'command', command, expect: EXPECT_SUCCESS },
    via: [],
  } as unknown as HttpComponent;
  const { context } = new FakeAttempt();
  return clientStep(component, new Map([['server', to]]), { ...context, env: { ...context.env, ...env } });
}

const line = (text: string): Command => ({ type: 'shell', line: text });

test.each([
  ['./client 8001', './client 40000'],
  ['curl http://localhost:8001/x', 'curl http://localhost:40000/x'],
  ['curl "http://localhost:8001"', 'curl "http://localhost:40000"'],
  ['./client --port=8001 --id 80011', './client --port=40000 --id 80011'],
  ['./client 18001 8001x v8001 1.8001 localhost:8001', './client 18001 8001x v8001 1.8001 localhost:40000'],
  ['./client $PORT', './client $PORT'],
])('%s becomes %s', (from, to) => {
  expect(stepOf(line(from))?.command).toEqual(line(to));
});

test('arguments and the environment as well, and the variables of the port', () => {
  const argv = ['./8001', '8001', '$PORT', '--url=http://[::1]:8001/'] as const;
  const step = stepOf({ type: 'argv', argv }, { BASE_URL: 'http://localhost:8001', ID: 'a8001' });
  expect(step?.command).toEqual({
    type: 'argv',
    argv: ['./8001', '40000', '40000', '--url=http://[::1]:40000/'],
  });
  expect(step?.env).toMatchObject({
    BASE_URL: 'http://localhost:40000',
    ID: 'a8001',
    PORT: '40000',
    SERVER_PORT: '40000',
  });
});

test('without a proxy nothing is replaced', () => {
  const step = stepOf(line('./client 8001'), { BASE_URL: 'http://localhost:8001' }, 8001);
  expect(step?.command).toEqual(line('./client 8001'));
  expect(step?.env).toMatchObject({ BASE_URL: 'http://localhost:8001', PORT: '8001' });
});
