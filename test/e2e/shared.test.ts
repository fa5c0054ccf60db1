/** Services and tasks of a suite: who starts them, who gets which address, how they end, and whom a failure is blamed on. */
import { describe, expect, test } from 'vitest';
import type { Stamped } from '../../src/core/event.ts';
import { type FakeCommand, type Invocation, Rig, type ShakedownRun } from '../rig/rig.ts';
import { codesOf, componentOf, JSON_REPORT } from '../rig/services.ts';
import { isThorough } from '../rig/thorough.ts';

const service = (command: FakeCommand, options: object = {}) => ({ run: command.line, port: 0, ...options });
const component = (command: FakeCommand | string, needs: readonly string[] = [], options: object = {}) => ({
  kind: 'command',
  run: typeof command === 'string' ? command : command.line,
  needs,
  ...options,
});

/** Lets a service that has been started listen on the port that it was given. */
async function serve(command: FakeCommand): Promise<Invocation> {
  const invocation = await command.invocation();
  await invocation.listen(Number(invocation.env.PORT));
  return invocation;
}

/** What happened to services and components, in order. */
const courseOf = (run: ShakedownRun): string[] =>
  run.journal().flatMap((event: Stamped): string[] => {
    if (event.type === 'shared-started') return [`start ${event.shared}`];
    if (event.type === 'shared-finished') return [`${event.outcome} ${event.shared}`];
    if (event.type === 'component-started') return [`run ${event.component}`];
    if (event.type === 'component-finished') return [`${event.verdict} ${event.component}`];
    return [];
  });

describe('services of a suite', () => {
  test('start when the first component needs them, in the order of their needs, and end in reverse after the last', async () => {
    await using rig = await Rig.create();
    const [db, migrate, api, first, smoke, load] = Array.from({ length: 6 }, () => rig.command());
    if (!db || !migrate || !api || !first || !smoke || !load) throw new Error('no commands');
    rig.config({
      services: {
        api: service(api, { needs: ['migrate'], ready: { http: '/' } }),
        migrate: { kind: 'task', run: migrate.line, needs: ['db'] },
        db: service(db),
      },
      components: {
        first: component(first),
        smoke: component(smoke, ['api']),
        load: { kind: 'http', use: 'api', client: load.line },
      },
    });
    const run = rig.start([...JSON_REPORT]);
    const begun = await first.invocation();
    expect(db.unasked).toBe(0);
    await begun.exit(0);
    const database = await serve(db);
    const migration = await migrate.invocation();
    expect(migration.env).toMatchObject({
      DB_PORT: database.env.PORT,
      DB_HOST: '127.0.0.1',
      DB_URL: `http://127.0.0.1:${database.env.PORT}`,
    });
    expect(api.unasked).toBe(0);
    await migration.exit(0);
    const server = await serve(api);
    const tester = await smoke.invocation();
    const address = { API_PORT: server.env.PORT, API_URL: `http://127.0.0.1:${server.env.PORT}` };
    expect(tester.env).toMatchObject({ ...address, DB_PORT: database.env.PORT });
    expect(tester.env.PORT).toBeUndefined();
    await tester.exit(0);
    const client = await load.invocation();
    expect(client.env).toMatchObject({ ...address, PORT: server.env.PORT });
    await client.exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(courseOf(run)).toEqual([
      ...['run first', 'passed first', 'start db', 'start migrate', 'done migrate', 'start api'],
      ...['run smoke', 'passed smoke', 'run load', 'passed load', 'ended api', 'ended db'],
    ]);
    expect(rig.alive()).toEqual([]);
  });

  test.runIf(isThorough)(
    'are started side by side, and end as soon as nobody needs them any more',
    async () => {
      await using rig = await Rig.create();
      const [one, two, early, late] = Array.from({ length: 4 }, () => rig.command());
      if (!one || !two || !early || !late) throw new Error('no commands');
      rig.config({
        services: { one: service(one), two: service(two) },
        components: { early: component(early, ['one', 'two']), late: component(late, ['two']) },
      });
      const run = rig.start([]);
      // Both are there before either is ready.
      const [first, second] = await Promise.all([one.invocation(), two.invocation()]);
      await second.listen(Number(second.env.PORT));
      await first.listen(Number(first.env.PORT));
      await (await early.invocation()).exit(0);
      const last = await late.invocation();
      await first.gone;
      await last.exit(0);
      expect((await run.exit()).code).toBe(0);
    },
  );

  test('one that dies fails, with its last words, those that depend on it, once; the others go on', async () => {
    await using rig = await Rig.create();
    const [db, api, user, after, other] = Array.from({ length: 5 }, () => rig.command());
    if (!db || !api || !user || !after || !other) throw new Error('no commands');
    rig.config({
      services: { db: service(db), api: service(api, { needs: ['db'] }) },
      components: {
        user: component(user, ['api'], { retries: 3 }),
        after: component(after, ['api']),
        other: component(other, ['db']),
      },
    });
    const run = rig.start(['--keep-going', ...JSON_REPORT]);
    await serve(db);
    const server = await serve(api);
    const using = await user.invocation();
    await server.print('Error: no space left\n');
    await server.exit(7);
    await using.gone;
    await (await other.invocation()).exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    const report = rig.report();
    for (const name of ['user', 'after']) {
      const { verdict, attempts, findings } = componentOf(report, name);
      expect({ verdict, attempts }).toEqual({ verdict: 'failed', attempts: 1 });
      expect(findings).toMatchObject([{ code: 'service-died', step: 'api', exitCode: 7 }]);
      expect(findings[0]?.message).toContain('Error: no space left');
    }
    expect(after.unasked).toBe(0);
    expect(componentOf(report, 'other').verdict).toBe('passed');
    expect(stdout).toMatch(/✗ api .*while it was in use/);
    expect(run.journal()).toContainEqual(
      expect.objectContaining({ type: 'service-died', component: 'shared:api', service: 'api', exitCode: 7 }),
    );
    expect(stdout).toContain('1 passed, 2 failed');
  });

  test('one that does not start fails those that need it, and nothing is left of those that it needs', async () => {
    await using rig = await Rig.create();
    const [db, api, user] = Array.from({ length: 3 }, () => rig.command());
    if (!db || !api || !user) throw new Error('no commands');
    rig.config({
      services: { db: service(db), api: service(api, { needs: ['db'] }) },
      components: { user: component(user, ['api']) },
    });
    const run = rig.start([...JSON_REPORT]);
    const database = await serve(db);
    const server = await api.invocation();
    await server.print('Error: bad password\n');
    await server.exit(1);
    const { code } = await run.exit();
    await database.gone;
    expect(code).toBe(1);
    expect(codesOf(componentOf(rig.report(), 'user'))).toEqual(['not-ready']);
    expect(user.unasked).toBe(0);
  });

  test('a task that fails keeps what needs it from starting', async () => {
    await using rig = await Rig.create();
    rig.config({
      services: { migrate: { kind: 'task', run: 'echo no such table >&2; exit 4' } },
      components: { user: component('touch ran', ['migrate']) },
    });
    const { code, stdout } = await rig.run([...JSON_REPORT]);
    expect(code).toBe(1);
    expect(stdout).toContain('migrate exited with code 4: no such table');
    expect(codesOf(componentOf(rig.report(), 'user'))).toEqual(['exit-code']);
    expect(rig.exists('ran')).toBe(false);
  });

  test.runIf(isThorough)('a task is cached by its inputs only when asked', async () => {
    await using rig = await Rig.create();
    rig.write('schema.sql', 'one');
    const config = (cache: boolean): void =>
      rig.config({
        services: { migrate: { kind: 'task', run: 'echo x >> ran', inputs: ['schema.sql'], cache } },
        components: { user: component('true', ['migrate']) },
      });
    const times = () => rig.read('ran').trim().split('\n').length;
    config(false);
    await rig.run([]);
    await rig.run([]);
    expect(times()).toBe(2);
    config(true);
    await rig.run([]);
    expect((await rig.run([])).stdout).toContain('unchanged, not run again');
    expect(times()).toBe(3);
    rig.write('schema.sql', 'two');
    await rig.run([]);
    expect(times()).toBe(4);
  });

  test('a fresh one is started for each attempt of each component, with all that needs it', async () => {
    await using rig = await Rig.create();
    const db = rig.command();
    rig.config({
      services: {
        db: service(db, { fresh: true }),
        seed: { kind: 'task', run: 'echo $DB_PORT >> seeded', needs: ['db'] },
      },
      components: {
        one: component('echo $DB_PORT >> used', ['seed']),
        two: component('echo $DB_PORT >> used', ['seed']),
      },
    });
    const run = rig.start([]);
    const first = await serve(db);
    await first.gone;
    const second = await serve(db);
    expect((await run.exit()).code).toBe(0);
    const ports = `${first.env.PORT}\n${second.env.PORT}\n`;
    expect([rig.read('seeded'), rig.read('used')]).toEqual([ports, ports]);
    expect(courseOf(run).filter((each) => each.includes('@'))).toEqual([
      ...['start db@one', 'start seed@one', 'done seed@one', 'ended db@one'],
      ...['start db@two', 'start seed@two', 'done seed@two', 'ended db@two'],
    ]);
  });

  test('an interruption ends the components first, then the services, and leaves nothing', async () => {
    await using rig = await Rig.create();
    const [db, user] = [rig.command(), rig.command()];
    rig.config({ services: { db: service(db) }, components: { user: component(user, ['db']) } });
    const run = rig.start([...JSON_REPORT]);
    await serve(db);
    await user.invocation();
    run.kill('SIGINT');
    expect((await run.exit()).signal).toBe('SIGINT');
    expect(courseOf(run)).toEqual(['start db', 'run user', 'inconclusive user', 'ended db']);
    expect(rig.alive()).toEqual([]);
  });

  test.runIf(isThorough)('an interruption while one starts is not its failure', async () => {
    await using rig = await Rig.create();
    const db = rig.command();
    rig.config({ services: { db: service(db) }, components: { user: component('true', ['db']) } });
    const run = rig.start([...JSON_REPORT]);
    await db.invocation();
    run.kill('SIGINT');
    expect((await run.exit()).signal).toBe('SIGINT');
    expect(componentOf(rig.report(), 'user').findings).toMatchObject([{ code: 'interrupted' }]);
    expect(rig.alive()).toEqual([]);
  });

  test('one that leaves a process behind, or a crash report, fails the run although all components passed', async () => {
    await using rig = await Rig.create();
    const [db, user] = [rig.command(), rig.command()];
    rig.config({ services: { db: service(db) }, components: { user: component(user, ['db']) } });
    const run = rig.start([...JSON_REPORT]);
    const database = await serve(db);
    const client = await user.invocation();
    await database.print('Traceback (most recent call last):\n  File "x.py", line 1\nValueError: odd\n');
    await client.exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain('1 passed, 1 failed (service)');
    expect(rig.report().services).toMatchObject([
      { name: 'db', kind: 'service', outcome: 'failed', findings: [{ code: 'forbidden-output' }] },
    ]);
  });

  test.runIf(isThorough)(
    'what a service printed meanwhile is told with the failure of a command',
    async () => {
      await using rig = await Rig.create();
      const [db, user] = [rig.command(), rig.command()];
      rig.config({ services: { db: service(db) }, components: { user: component(user, ['db']) } });
      const run = rig.start([...JSON_REPORT]);
      const database = await serve(db);
      const client = await user.invocation();
      await database.print('ERROR: relation "rows" does not exist\n');
      await client.exit(1);
      const { stdout } = await run.exit();
      expect(stdout).toContain('meanwhile db printed: ERROR: relation "rows" does not exist');
    },
  );
});
