/** Services that are held in the background: `shakedown up --detach`, `ps`, `logs` and `down`. */
import { describe, expect, test } from 'vitest';
import { hasProcessTable } from '../../src/process/system/proc.ts';
import { processesWith } from '../rig/processes.ts';
import { type FakeCommand, type Invocation, Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

/** The watchdog looks for a while, and somebody else may have the processor meanwhile. */
const LONG = { timeout: 100_000 };

const service = (command: FakeCommand, options: object = {}) => ({ run: command.line, port: 0, ...options });

async function serve(command: FakeCommand): Promise<Invocation> {
  const invocation = await command.invocation();
  await invocation.listen(Number(invocation.env.PORT));
  return invocation;
}

interface Listed {
  readonly pid: number;
  readonly run: string | null;
  readonly services: readonly { name: string; state: string; pid: number | null; address: string | null }[];
}

const listed = async (rig: Rig): Promise<Listed> =>
  JSON.parse((await rig.run(['ps', '--json'])).stdout) as Listed;

/** Two services that are up in the background; whatever a test does, nothing of it stays. */
async function upInBackground(rig: Rig, flag = '--wait') {
  const [db, api] = [rig.command(), rig.command()];
  rig.config({
    services: { db: service(db), api: service(api, { needs: ['db'], ready: { http: '/' } }) },
    components: { any: { kind: 'command', run: 'true' } },
  });
  const run = rig.start(['up', flag]);
  const database = await serve(db);
  const server = await serve(api);
  const ended = await run.exit();
  return { db, api, database, server, ended };
}

describe('shakedown up --wait', () => {
  test('returns when all are ready; ps, logs and down know of them', async () => {
    await using rig = await Rig.create();
    const { database, server, ended } = await upInBackground(rig);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain(`ready at http://127.0.0.1:${server.env.PORT}`);
    expect(ended.stdout).toMatch(/^up in the background \(pid \d+\): db, api$/m);
    expect((await listed(rig)).services).toMatchObject([
      { name: 'db', state: 'ready', pid: database.pid, address: `127.0.0.1:${database.env.PORT}` },
      { name: 'api', state: 'ready', pid: server.pid, address: `http://127.0.0.1:${server.env.PORT}` },
    ]);
    const { stdout } = await rig.run(['ps']);
    expect(stdout).toMatch(/^ {2}SERVICE +STATE +PID +ADDRESS +FOR$/m);
    expect(stdout).toMatch(
      new RegExp(`^ {2}api +ready +${server.pid} +http://127.0.0.1:${server.env.PORT}`, 'm'),
    );

    await server.print('hello\n');
    await database.print('checkpoint\n');
    const follow = rig.start(['logs', '-f', 'api']);
    await follow.output(/^api \| hello$/m);
    await server.print('\x1b[31magain\n');
    await follow.output(/^api \| again$/m);
    expect((await rig.run(['logs'])).stdout).toBe('db  | checkpoint\napi | hello\napi | again\n');

    await database.ignore('SIGTERM');
    const down = rig.start(['down']);
    await database.signal('SIGTERM');
    await server.gone;
    expect(rig.alive()).toEqual([database.pid]);
    await database.exit(0);
    expect(await down.exit()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^2 services down, nothing is left$/m),
    });
    expect(rig.alive()).toEqual([]);
    const { code, stdout: followed } = await follow.exit();
    expect({ code, followed }).toEqual({ code: 0, followed: 'api | hello\napi | again\n' });
    expect(processesWith(rig.dir)).toEqual([]);
    expect(await listed(rig)).toEqual({ version: 1, run: null, services: [] });
    const printed = await rig.run(['logs', 'db']);
    expect(printed).toMatchObject({ code: 0, stdout: 'db | checkpoint\n' });
    expect(printed.stderr).toMatch(
      /^nothing is up in this project; this was printed until .* ago, by run \S+\n$/,
    );
  });

  test('shows why one is not ready, and leaves nothing', async () => {
    await using rig = await Rig.create();
    const [db, api] = [rig.command(), rig.command()];
    rig.config({
      services: { db: service(db), api: service(api) },
      components: { any: { kind: 'command', run: 'true' } },
    });
    const run = rig.start(['up', '--wait']);
    await serve(db);
    const server = await api.invocation();
    await server.print('Error: bad password\n');
    await server.exit(1);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ api .*bad password/);
    expect(rig.alive()).toEqual([]);
  });

  test('interrupted while it waits, it takes all of it down', async () => {
    await using rig = await Rig.create();
    const slow = rig.command();
    rig.config({
      services: { slow: service(slow) },
      components: { any: { kind: 'command', run: 'true' } },
    });
    const run = rig.start(['up', '--wait']);
    const starting = await slow.invocation();
    run.kill('SIGINT');
    await starting.gone;
    expect((await run.exit()).signal).toBe('SIGINT');
    await expect.poll(() => processesWith(rig.dir), LONG).toEqual([]);
  });
});

test.runIf(isThorough)('shakedown up --detach does not wait, and shows what starts', async () => {
  await using rig = await Rig.create();
  const db = rig.command();
  rig.config({ services: { db: service(db) }, components: { any: { kind: 'command', run: 'true' } } });
  const started = await rig.run(['up', '-d']);
  expect(started).toMatchObject({ code: 0, stdout: expect.stringContaining('starting in the background') });
  const database = await db.invocation();
  expect((await listed(rig)).services).toMatchObject([{ name: 'db', state: 'starting', pid: null }]);
  await database.listen(Number(database.env.PORT));
  await expect.poll(async () => (await listed(rig)).services[0]?.state, LONG).toBe('ready');
  expect((await rig.run(['down'])).code).toBe(0);
});

test.runIf(isThorough)('a second one is told what is up already', async () => {
  await using rig = await Rig.create();
  const { db } = await upInBackground(rig);
  for (const args of [['up'], ['up', '--wait', 'db']])
    expect(await rig.run(args)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /there is a `shakedown up` in this project already \(pid \d+.*\): db, api/,
      ),
    });
  expect(db.unasked).toBe(0);
  await rig.run(['down']);
});

test.runIf(hasProcessTable)(
  'when the holder is killed, nothing is left, and the next one may come',
  async () => {
    await using rig = await Rig.create();
    const { database, server, db, api } = await upInBackground(rig);
    process.kill((await listed(rig)).pid, 'SIGKILL');
    await Promise.all([database.gone, server.gone]);
    await expect.poll(() => processesWith(rig.dir), LONG).toEqual([]);
    expect(await rig.run(['down'])).toMatchObject({ code: 4 });
    const again = rig.start(['up', '--wait']);
    const [other, last] = [await serve(db), await serve(api)];
    expect((await again.exit()).code).toBe(0);
    // One alone, and then the last, with which the holder ends.
    expect(await rig.run(['down', 'db'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^db down; still up: api$/m),
    });
    await other.gone;
    expect(rig.alive()).toEqual([last.pid]);
    expect(await rig.run(['down', 'api'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^api down, nothing is left$/m),
    });
    expect(processesWith(rig.dir)).toEqual([]);
  },
);

test('without anything up, ps, logs and down say so, and what to do', async () => {
  await using rig = await Rig.create();
  for (const command of ['ps', 'logs', 'down'])
    expect(await rig.run([command])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('nothing is up in this project'),
    });
});
