/** What is seen of a container, and how its end is told: with an engine that says what the test wants. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ms } from '../../../../src/core/units.ts';
import type { Reply } from '../../../../src/process/containers/ask.ts';
import { containerName, EngineContainer } from '../../../../src/process/containers/container.ts';

let server: Server;
let listening = 0;
beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  listening = (server.address() as AddressInfo).port;
});
afterAll(() => void server.close());

const GOOD: Reply = { code: 0, out: '', complaint: '', isLate: false };

/** @param seen its state, as `inspect` shows it; its first process is this one */
function containerOn(
  port: number,
  seen: object = {},
  replies: Readonly<Record<string, Partial<Reply>>> = {},
) {
  const asked: string[] = [];
  const inspected = {
    // A part of every line of /proc/PID/cgroup.
    Id: ':',
    State: { Running: true, Pid: process.pid, ExitCode: 0, OOMKilled: false, ...seen },
    NetworkSettings: { Ports: { [`${port}/tcp`]: [{ HostPort: '40000' }], '81/tcp': null } },
  };
  const container = new EngineContainer({
    engine: {
      ...{ name: 'docker', program: '/bin/docker', env: {} },
      ask: async (args) => {
        asked.push(args.join(' '));
        const [what = ''] = args;
        return {
          ...GOOD,
          ...(what === 'container' ? { out: JSON.stringify([inspected]) } : {}),
          ...replies[what],
        };
      },
    },
    ...{
      step: 'db',
      name: 'n',
      image: 'i',
      env: {},
      labels: {},
      undos: {
        register: () => ({ learn: () => {}, done: () => asked.push('undone'), carryOut: async () => true }),
      },
    },
    spec: {
      image: { type: 'name', name: 'i', timeout: ms(1) },
      ...{
        command: null,
        ports: [port],
        volumes: [],
        network: null,
        platform: null,
        init: false,
        options: [],
      },
    },
  });
  return { container, asked };
}

test('the name tells the run, and is one that engines take', () => {
  const run = { run: '20261127-090000-abcdef' };
  expect(containerName(run, 'shared-1-db')).toBe('shakedown-20261127-090000-abcdef-1-db');
  expect(containerName(run, 'shared-1-db/again')).toBe('shakedown-20261127-090000-abcdef-1-db-again');
});

test('a command in it is told the port in it', async () => {
  const { container } = containerOn(5432);
  await container.create(40000);
  expect(container.inside({ type: 'shell', line: 'pg_isready -p $PORT' })).toEqual({
    type: 'argv',
    argv: ['/bin/docker', 'exec', '--env', 'PORT=5432', 'n', '/bin/sh', '-c', 'pg_isready -p $PORT'],
  });
  expect(container.inside({ type: 'argv', argv: ['quit', '$PORT'] })).toMatchObject({
    argv: ['/bin/docker', 'exec', '--env', 'PORT=5432', 'n', 'quit', '5432'],
  });
});

test('only what listens in it on its own port, and not for itself alone, is ready', async () => {
  const { container } = containerOn(1);
  await container.create(40000);
  expect(await container.listens()).toEqual({
    ready: false,
    why: 'nothing listens on port 1 of its container',
  });
  const alone = containerOn(listening).container;
  await alone.create(40000);
  expect(await alone.listens()).toMatchObject({ ready: false });
  expect(await alone.hint()).toBe(
    'it listens on 127.0.0.1 in its container, which no published port reaches: have it listen on 0.0.0.0',
  );
});

test('before it runs it is not ready, though its engine accepts connections to its port already', async () => {
  const { container } = containerOn(80, { Running: false, Pid: 0 });
  await container.create(listening);
  expect(await container.listens()).toEqual({ ready: false, why: 'its container does not run yet' });
});

test('where its processes are not of this machine, a connection that stays open tells', async () => {
  const { container } = containerOn(80, { Pid: 0 });
  await container.create(listening);
  expect(await container.listens()).toEqual({ ready: true });
});

test('what is seen of it: its processes, and the ports that lead to it', async () => {
  const { container } = containerOn(80);
  expect(await container.look()).toMatchObject({ first: { pid: process.pid }, published: [40000] });
  expect(await containerOn(80, { Running: false }).container.look()).toBeUndefined();
  // That of an engine in a virtual machine means nothing here.
  expect(await containerOn(80, { Pid: 2 ** 30 }).container.look()).toMatchObject({
    first: undefined,
    processes: [],
  });
});

test('its end is told where an exit code says less', async () => {
  const ended = { Running: false, ExitCode: 137 };
  expect(await containerOn(1, ended).container.fate()).toBeUndefined();
  expect(await containerOn(1, { ...ended, OOMKilled: true }).container.fate()).toBe(
    'ran out of memory and was killed (exit code 137)',
  );
});

test('its health check is asked', async () => {
  const health = (Health: unknown) => containerOn(1, { Health }).container.health();
  expect(await health({ Status: 'healthy' })).toEqual({ ready: true });
  expect(await health({ Status: 'starting', Log: [{ Output: 'no\nanswer\n' }] })).toEqual({
    ready: false,
    why: 'its health check says "starting"',
    words: ['no', 'answer'],
  });
  expect(await health(undefined)).toMatchObject({ ready: false, why: 'its image has no health check' });
});

test('it is removed with its volumes; one that stays is a finding, one that is gone is not', async () => {
  const removed = async (replies: Readonly<Record<string, Partial<Reply>>> = {}) => {
    const { container, asked } = containerOn(1, {}, replies);
    await container.create(null);
    return { left: await container.remove(), asked: asked.slice(1) };
  };
  expect(await removed()).toEqual({ left: [], asked: ['rm --force --volumes n', 'undone'] });
  const gone = await removed({ rm: { code: 1, complaint: 'Error: No such container: n' } });
  expect(gone.left).toEqual([]);
  const stuck = await removed({ rm: { code: 1, complaint: 'device or resource busy' } });
  expect(stuck.asked).not.toContain('undone');
  expect(stuck.left).toMatchObject([
    { code: 'container-left', message: 'the container of db could not be removed: device or resource busy' },
  ]);
});

test("one of the same name is somebody else's, and stays", async () => {
  const complaint = 'Conflict. The container name "/n" is already in use by container "0123"';
  const { container, asked } = containerOn(1, {}, { create: { code: 1, complaint } });
  expect(await container.create(null)).toMatchObject({ code: 'cannot-start' });
  expect(await container.remove()).toEqual([]);
  expect(asked).toEqual([expect.stringMatching(/^create --name n /), 'undone']);
});
