/** Services that are held to work with: `shakedown up`. */
import { describe, expect, test } from 'vitest';
import { hasProcessTable } from '../../src/process/system/proc.ts';
import { processesWith } from '../rig/processes.ts';
import { type FakeCommand, type Invocation, Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

/** The watchdog looks for a while, and somebody else may have the processor meanwhile. */
const LONG = { timeout: 100_000 };

const service = (command: FakeCommand, options: object = {}) => ({ run: command.line, port: 0, ...options });

/** Lets a service that has been started listen on the port that it was given. */
async function serve(command: FakeCommand): Promise<Invocation> {
  const invocation = await command.invocation();
  await invocation.listen(Number(invocation.env.PORT));
  return invocation;
}

/** A suite of two services and a task between them, and what holds it. */
async function shop(rig: Rig) {
  const [db, migrate, api] = [rig.command(), rig.command(), rig.command()];
  rig.config({
    services: {
      db: service(db),
      migrate: { kind: 'task', run: migrate.line, needs: ['db'] },
      api: service(api, { needs: ['migrate'], ready: { http: '/health' } }),
    },
    components: { smoke: { kind: 'command', run: 'true', needs: ['api'] } },
  });
  const start = async () => {
    const run = rig.start(['up']);
    const database = await serve(db);
    await (await migrate.invocation()).exit(0);
    const server = await serve(api);
    await run.output(/all is up/);
    return { run, database, server };
  };
  return { db, migrate, api, start };
}

describe('shakedown up', () => {
  test('starts all services, tells their addresses and what they print, and ends them in reverse order', async () => {
    await using rig = await Rig.create();
    const { run, database, server } = await (await shop(rig)).start();
    expect(run.stdout).toContain(`ready at http://127.0.0.1:${server.env.PORT}`);
    expect(run.stdout).toContain(`ready at 127.0.0.1:${database.env.PORT}`);
    await server.print('\x1b[2Jhello\x07\n');
    await database.printError('checkpoint\n');
    await run.output(/^api +\| hello$/m);
    await run.output(/^db +\| checkpoint$/m);
    await database.ignore('SIGTERM');
    run.kill('SIGTERM');
    await database.signal('SIGTERM');
    expect(rig.alive()).toEqual([database.pid]);
    await database.exit(0);
    const { code, signal, stdout } = await run.exit();
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(stdout).toMatch(/^ENDED {2}2 services/m);
    expect(rig.alive()).toEqual([]);
    expect(run.journal().at(-1)).toMatchObject({ type: 'run-finished', verdict: 'passed', exitCode: 0 });
  });

  test('a service that dies is told with its last words; the others go on, and the exit code says so', async () => {
    await using rig = await Rig.create();
    const { run, database, server } = await (await shop(rig)).start();
    await server.print('Error: no space left\n');
    await server.exit(7);
    await run.output(/✗ api .*no space left/);
    await database.print('still here\n');
    await run.output(/^db +\| still here$/m);
    run.kill('SIGINT');
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAILED {2}1 service failed/m);
  });

  test('without anybody who could start one again, the end of the last is the end', async () => {
    await using rig = await Rig.create();
    const [one, two] = [rig.command(), rig.command()];
    rig.config({
      services: { one: service(one), two: service(two) },
      components: { any: { kind: 'command', run: 'true' } },
    });
    const run = rig.start(['up', 'one']);
    const server = await serve(one);
    await run.output(/all is up/);
    await server.exit(4);
    expect((await run.exit()).code).toBe(1);
    expect(two.unasked).toBe(0);
  });

  test('one that does not become ready leaves the others up', async () => {
    await using rig = await Rig.create();
    const [good, bad] = [rig.command(), rig.command()];
    rig.config({
      services: { good: service(good), bad: service(bad) },
      components: { any: { kind: 'command', run: 'true' } },
    });
    const run = rig.start(['up']);
    await (await bad.invocation()).exit(3);
    await serve(good);
    await run.output(/✗ bad /);
    await run.output(/⚙ good .*ready/);
    run.kill('SIGINT');
    expect((await run.exit()).code).toBe(1);
  });

  test('holds the server of a component that has one of its own', async () => {
    await using rig = await Rig.create();
    const server = rig.command();
    rig.config({
      components: { web: { kind: 'http', server: service(server), client: 'touch ran' } },
    });
    const run = rig.start(['up', 'web']);
    await serve(server);
    await run.output(/⚙ web .*ready at 127/);
    run.kill('SIGINT');
    expect((await run.exit()).code).toBe(0);
    expect(rig.exists('ran')).toBe(false);
  });

  test('a setup that fails is told, and nothing is started', async () => {
    await using rig = await Rig.create();
    const db = rig.command();
    rig.config({
      setup: ['exit 3'],
      services: { db: service(db) },
      components: { any: { kind: 'command', run: 'true' } },
    });
    const { code, stdout } = await rig.run(['up']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ setup/);
    expect(db.unasked).toBe(0);
  });

  test('a name that is none is a mistake', async () => {
    await using rig = await Rig.create();
    rig.config({
      services: { db: { run: 'true', port: 0 } },
      components: { any: { kind: 'command', run: 'true' } },
    });
    const { code, stderr } = await rig.run(['up', 'dbx']);
    expect(code).toBe(2);
    expect(stderr).toContain('there is no service "dbx"\n  did you mean "db"?');
  });

  test.runIf(isThorough)('a second signal kills at once', async () => {
    await using rig = await Rig.create();
    const { run, server } = await (await shop(rig)).start();
    await server.ignore('SIGTERM');
    run.kill('SIGINT');
    await server.signal('SIGTERM');
    const again = setInterval(() => run.kill('SIGINT'), 10);
    await run.output(/again: killing what is left/);
    clearInterval(again);
    expect((await run.exit()).signal).toBe('SIGINT');
    expect(rig.alive()).toEqual([]);
  });
});

test.runIf(hasProcessTable)('a run beside it is told who holds its fixed port', async () => {
  await using rig = await Rig.create();
  const api = rig.command();
  const port = await rig.freePort();
  rig.config({
    services: { api: service(api, { port }) },
    components: { smoke: { kind: 'command', run: 'true', needs: ['api'] } },
  });
  const run = rig.start(['up']);
  await serve(api);
  await run.output(/all is up/);
  const { code, stdout } = await rig.run([]);
  expect(code).toBe(1);
  expect(stdout).toContain(`port ${port} is already in use by`);
  expect(stdout).toContain('a `shakedown up` of this project holds that: `shakedown down` ends it');
  run.kill('SIGINT');
  expect((await run.exit()).code).toBe(0);
});

test.runIf(hasProcessTable)('nothing is left when it is killed', async () => {
  await using rig = await Rig.create();
  const { run, database, server } = await (await shop(rig)).start();
  run.kill('SIGKILL');
  await Promise.all([database.gone, server.gone]);
  await expect.poll(() => processesWith(rig.dir), LONG).toEqual([]);
});
