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

test('a port alone means this machine: a client of a service on another one gets none, not even an inherited one', () => {
  const of = (host: string) => {
    const component = {
      ...{ kind: 'http', cwd: '/', services: [], target: 'api', via: [] },
      client: {
        type: 'command',
        command: { type: 'argv', argv: ['./client', '$PORT'] },
        expect: EXPECT_SUCCESS,
      },
    } as unknown as HttpComponent;
    const address = { scheme: 'http', host, port: 443, url: `http://${host}:443` } as const;
    const { context } = new FakeAttempt();
    const services = new Map([['api', { address, pid: null, kill: () => {} }]]);
    const env = { ...context.env, PORT: '3000' };
    return clientStep(component, new Map([['api', 443]]), { ...context, services, env });
  };
  const there = of('staging.test');
  expect(there?.env).not.toHaveProperty('PORT');
  expect(there?.env).toMatchObject({ API_URL: 'http://staging.test:443', API_PORT: '443' });
  expect(there?.command).toMatchObject({ argv: ['./client', '$PORT'] });
  const here = of('127.0.0.1');
  expect(here?.env).toMatchObject({ PORT: '443' });
  expect(here?.command).toMatchObject({ argv: ['./client', '443'] });
});
