/** Nothing is left behind, whatever a command does and whatever happens to Shakedown; and nothing else is touched. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ComponentLog } from '../../src/process/output/log.ts';
import {
  DisposableRun,
  escapingLine,
  GroupedRun,
  processesWith,
  WAYS_INTO_THE_BACKGROUND,
} from '../rig/processes.ts';
import { CLI, type Invocation, Rig } from '../rig/rig.ts';
import { codesOf, componentOf, findingOf, httpSuite, JSON_REPORT, startForeign } from '../rig/services.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

/** Waits until no process is left whose command line names the rig's folder: programs and watchdogs included. */
async function untilDeserted(rig: Rig): Promise<void> {
  await expect.poll(() => processesWith(rig.dir), { timeout: 20_000 }).toEqual([]);
}

/** Waits until exactly these live: whoever is killed hangs up a moment before it is gone. */
async function untilAlive(rig: Rig, ...survivors: readonly Invocation[]): Promise<void> {
  const pids = survivors.map(({ pid }) => pid).sort();
  await expect.poll(() => rig.alive().sort(), { timeout: 20_000 }).toEqual(pids);
}

async function untilFree(rig: Rig, port: number): Promise<void> {
  await expect.poll(() => rig.isFree(port), { timeout: 20_000 }).toBe(true);
}

describe('a command that leaves a process behind', () => {
  test.for(inTurn(WAYS_INTO_THE_BACKGROUND, 2))(
    '$way: it is ended, named, and fails the component',
    async ({ line }) => {
      await using rig = await Rig.create();
      const [left, last] = [rig.command(), rig.command()];
      rig.config({ components: { thread: { kind: 'command', run: `${line(left)}\n${last.line}` } } });
      const run = rig.start([...JSON_REPORT]);
      const behind = await left.invocation();
      await (await last.invocation()).exit(0);
      await behind.gone;
      const { code, stdout } = await run.exit();
      expect(code).toBe(1);
      expect(stdout).toMatch(/✗ thread .*thread has ended and left 1 process behind: .*agent\.mjs/);
      const component = componentOf(rig.report(), 'thread');
      expect(codesOf(component)).toEqual(['leaked-process']);
      expect(findingOf(component, 'leaked-process').processes).toEqual([
        { pid: behind.pid, command: expect.stringContaining('agent.mjs'), ageMs: expect.any(Number) },
      ]);
      expect(rig.alive()).toEqual([]);
    },
  );

  test.runIf(isThorough)('and which keeps the output open: nobody waits for that to close', async () => {
    await using rig = await Rig.create();
    const [thread, child] = [rig.command(), rig.command()];
    rig.config({ components: { thread: { kind: 'command', run: thread.line } } });
    const run = rig.start([...JSON_REPORT]);
    const parent = await thread.invocation();
    await parent.child(child);
    const holding = await child.invocation();
    await parent.print('done\n');
    await parent.exit(0);
    expect((await run.exit()).code).toBe(1);
    expect(findingOf(componentOf(rig.report(), 'thread'), 'leaked-process').processes).toMatchObject([
      { pid: holding.pid },
    ]);
    expect(rig.read('.shakedown/latest/logs/thread.log')).toContain('done');
    expect(rig.alive()).toEqual([]);
  });

  // A tier is tried with one by test/e2e/tiers.test.ts.
  test.runIf(isThorough)('that does not heed SIGTERM: it is killed', async () => {
    await using rig = await Rig.create();
    const [thread, child] = [rig.command(), rig.command()];
    rig.config({ components: { thread: { kind: 'command', run: thread.line } } });
    const run = rig.start([]);
    const parent = await thread.invocation();
    await parent.daemon(child);
    const stubborn = await child.invocation();
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) await stubborn.ignore(signal);
    await parent.exit(0);
    expect((await run.exit()).code).toBe(1);
    expect(rig.alive()).toEqual([]);
  });

  test.runIf(isThorough)(
    'when the command fails: the failure is the cause, and the process is ended and named as well',
    async () => {
      await using rig = await Rig.create();
      const [thread, child] = [rig.command(), rig.command()];
      rig.config({ components: { thread: { kind: 'command', run: thread.line } } });
      const run = rig.start([...JSON_REPORT]);
      const parent = await thread.invocation();
      await parent.daemon(child);
      await child.invocation();
      await parent.printError('Error: 3 of 8 checks failed\n');
      await parent.exit(1);
      const { stdout } = await run.exit();
      expect(stdout).toMatch(/✗ thread .*thread exited with code 1: Error: 3 of 8 checks failed/);
      expect(codesOf(componentOf(rig.report(), 'thread'))).toEqual(['exit-code', 'leaked-process']);
      expect(rig.alive()).toEqual([]);
    },
  );

  test.runIf(isThorough)('stopped by SIGSTOP: it is ended all the same', async () => {
    await using rig = await Rig.create();
    const [thread, child] = [rig.command(), rig.command()];
    rig.config({ components: { thread: { kind: 'command', run: thread.line } } });
    const run = rig.start([]);
    const parent = await thread.invocation();
    await parent.daemon(child);
    const stopped = await child.invocation();
    process.kill(stopped.pid, 'SIGSTOP');
    await parent.exit(0);
    expect((await run.exit()).code).toBe(1);
    expect(rig.alive()).toEqual([]);
  });
});

test('a client that leaves a process behind fails the component; the server has no part in it', async () => {
  await using rig = await Rig.create();
  const left = rig.command();
  const { server, client, port } = await httpSuite(rig);
  const run = rig.start([...JSON_REPORT]);
  await (await server.invocation()).listen(port);
  const caller = await client.invocation();
  await caller.daemon(left);
  const behind = await left.invocation();
  await caller.exit(0);
  expect((await run.exit()).code).toBe(1);
  const component = componentOf(rig.report());
  expect(codesOf(component)).toEqual(['leaked-process']);
  const { step, processes } = findingOf(component, 'leaked-process');
  expect([step, ...processes.map(({ pid }) => pid)]).toEqual(['client', behind.pid]);
  expect(rig.alive()).toEqual([]);
});

describe('a server that goes into the background', () => {
  test.for(inTurn(WAYS_INTO_THE_BACKGROUND, 4))(
    '$way: it serves, and is ended without a word',
    async ({ line }) => {
      await using rig = await Rig.create();
      const [server, client] = [rig.command(), rig.command()];
      const port = await rig.freePort();
      const service = { run: line(server), port, daemon: true };
      rig.config({ components: { http: { kind: 'http', server: service, client: client.line } } });
      const run = rig.start([...JSON_REPORT]);
      const serving = await server.invocation();
      await serving.listen(port);
      await (await client.invocation()).exit(0);
      await serving.gone;
      expect((await run.exit()).code).toBe(0);
      const component = componentOf(rig.report());
      expect(component.findings).toEqual([]);
      expect(component.services).toMatchObject([{ pid: serving.pid, port }]);
      expect(rig.alive()).toEqual([]);
      expect(await rig.isFree(port)).toBe(true);
    },
  );
});

test('a process without any mark is known by its descent, and remembered when its parents are gone', async () => {
  await using rig = await Rig.create();
  const [server, client, helper] = [rig.command(), rig.command(), rig.command()];
  const port = await rig.freePort();
  const service = { run: escapingLine(server, helper), port, grace: '100ms' };
  rig.config({ components: { http: { kind: 'http', server: service, client: client.line } } });
  const run = rig.start([...JSON_REPORT]);
  const serving = await server.invocation();
  const helping = await helper.invocation();
  expect(Object.keys(helping.env).filter((name) => name.startsWith('SHAKEDOWN'))).toEqual([]);
  await helping.ignore('SIGTERM');
  await serving.listen(port);
  await (await client.invocation()).exit(0);
  await helping.signal('SIGTERM');
  await Promise.all([serving.gone, helping.gone]);
  expect((await run.exit()).code).toBe(0);
  expect(findingOf(componentOf(rig.report()), 'killed').processes).toMatchObject([{ pid: helping.pid }]);
  expect(rig.alive()).toEqual([]);
});

test.runIf(isThorough)(
  'a helper that `leave` allows is ended, and no finding; another one beside it is one, and the hint tells how',
  async () => {
    await using rig = await Rig.create();
    const [thread, helper, its, other] = Array.from({ length: 4 }, () => rig.command());
    if (thread === undefined || helper === undefined || its === undefined || other === undefined)
      throw new Error('there are four');
    const allowed = helper.words.join(' ');
    rig.config({ components: { thread: { kind: 'command', run: thread.line, leave: [allowed] } } });
    const attempt = async (isOther: boolean): Promise<number | null> => {
      const run = rig.start([...JSON_REPORT]);
      const running = await thread.invocation();
      await running.daemon(helper);
      const helping = await helper.invocation();
      await helping.child(its);
      const child = await its.invocation();
      if (isOther) await running.daemon(other);
      if (isOther) await other.invocation();
      await running.exit(0);
      await Promise.all([helping.gone, child.gone]);
      return (await run.exit()).code;
    };
    expect(await attempt(false)).toBe(0);
    expect(componentOf(rig.report(), 'thread').findings).toEqual([]);
    expect(await attempt(true)).toBe(1);
    const { count, hint, processes } = findingOf(componentOf(rig.report(), 'thread'), 'leaked-process');
    expect([count, processes[0]?.command.includes(` ${other.id}`)]).toEqual([1, true]);
    // With its folder, unless that is one for temporary files.
    expect(hint).toMatch(/ allow it with leave: \["(?:rig\/)?agent\.mjs"\] in the config$/);
    expect(rig.alive()).toEqual([]);
  },
);

describe('what does not belong to the run is not touched', () => {
  test('a process with the very same command line, started before', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig);
    startForeign(rig, server);
    const stranger = await server.invocation();
    const run = rig.start([]);
    const serving = await server.invocation();
    await serving.listen(port);
    await (await client.invocation()).exit(0);
    await serving.gone;
    expect((await run.exit()).code).toBe(0);
    expect(rig.alive()).toEqual([stranger.pid]);
    await stranger.print('untouched');
  });

  test('or while the run goes on, and Shakedown is killed', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await httpSuite(rig);
    const run = rig.start([]);
    const serving = await server.invocation();
    startForeign(rig, server);
    const stranger = await server.invocation();
    await serving.listen(port);
    const caller = await client.invocation();
    run.kill('SIGKILL');
    await Promise.all([serving.gone, caller.gone]);
    await rig.run(['sweep']);
    await untilAlive(rig, stranger);
    await stranger.print('untouched');
  });
});

describe('a Shakedown inside a Shakedown', () => {
  async function nested(rig: Rig) {
    const [server, client] = [rig.command(), rig.command()];
    const port = await rig.freePort();
    const line = WAYS_INTO_THE_BACKGROUND.at(-1)?.line(server);
    const inner = {
      components: {
        http: { kind: 'http', server: { run: line, port, daemon: true }, client: client.line },
      },
    };
    rig.write('inner/shakedown.config.json', JSON.stringify(inner));
    const run = [process.execPath, CLI, '--config', 'inner/shakedown.config.json'];
    rig.config({ components: { inner: { kind: 'command', run } } });
    return { server, client, port };
  }

  test('passes and leaves nothing', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await nested(rig);
    const run = rig.start([...JSON_REPORT]);
    await (await server.invocation()).listen(port);
    await (await client.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
    expect(rig.report().components).toMatchObject([{ name: 'inner', verdict: 'passed', findings: [] }]);
    expect(rig.read('.shakedown/latest/logs/inner.log')).toContain('PASSED  1 passed');
    expect(rig.alive()).toEqual([]);
    expect(processesWith(rig.dir)).toEqual([]);
  });

  test.runIf(isThorough)('is ended with all of its own when the outer one is interrupted', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await nested(rig);
    const run = rig.start([]);
    await (await server.invocation()).listen(port);
    await client.invocation();
    run.kill('SIGINT');
    expect((await run.exit()).signal).toBe('SIGINT');
    expect(rig.alive()).toEqual([]);
    expect(processesWith(rig.dir)).toEqual([]);
    expect(await rig.isFree(port)).toBe(true);
  });

  test('is ended with all of its own when the outer one is killed', async () => {
    await using rig = await Rig.create();
    const { server, client, port } = await nested(rig);
    const run = rig.start([]);
    const serving = await server.invocation();
    await serving.listen(port);
    const caller = await client.invocation();
    run.kill('SIGKILL');
    await Promise.all([serving.gone, caller.gone]);
    await untilDeserted(rig);
    await untilAlive(rig);
  });
});

test('two Shakedowns at once in one folder do not touch each other', async () => {
  await using rig = await Rig.create();
  const start = async (name: string) => {
    const [server, client] = [rig.command(), rig.command()];
    const port = await rig.freePort();
    const components = { http: { kind: 'http', server: { run: server.line, port }, client: client.line } };
    rig.write(`${name}.json`, JSON.stringify({ components }));
    const run = rig.start(['--config', `${name}.json`, '--report', `json=${name}-report.json`]);
    const serving = await server.invocation();
    await serving.listen(port);
    return { run, serving, caller: await client.invocation() };
  };
  const first = await start('first');
  const second = await start('second');

  await first.caller.exit(0);
  expect((await first.run.exit()).code).toBe(0);
  expect(new Set(rig.alive())).toEqual(new Set([second.serving.pid, second.caller.pid]));
  await second.serving.print('still serving\n');

  const third = await start('third');
  third.run.kill('SIGKILL');
  await Promise.all([third.serving.gone, third.caller.gone]);
  await untilAlive(rig, second.serving, second.caller);

  await second.caller.exit(0);
  const { code, stdout } = await second.run.exit();
  expect(stdout).toContain('PASSED  1 passed');
  expect(code).toBe(0);
  expect(componentOf(rig.report('second-report.json')).findings).toEqual([]);
  expect(rig.alive()).toEqual([]);
});

describe('when Shakedown is killed while a daemon serves', () => {
  /** A daemon that serves and a client that uses it; the finders have only its marks to go by. */
  async function serving(rig: Rig, line = WAYS_INTO_THE_BACKGROUND[2]?.line) {
    const [server, client] = [rig.command(), rig.command()];
    const port = await rig.freePort();
    const service = { run: line?.(server), port, daemon: true };
    const components = { http: { kind: 'http', server: service, client: client.line } };
    rig.config({ components });
    const use = async (): Promise<readonly [Invocation, Invocation]> => {
      const daemon = await server.invocation();
      await daemon.listen(port);
      return [daemon, await client.invocation()];
    };
    return { use, port };
  }

  /** The run that follows finds its port free, has nothing to clean up after, and passes. */
  async function runsAgain(rig: Rig, use: () => Promise<readonly [Invocation, Invocation]>): Promise<string> {
    const run = rig.start([...JSON_REPORT]);
    const [, caller] = await use();
    await caller.exit(0);
    const { code, stdout } = await run.exit();
    expect(stdout).toContain('PASSED  1 passed');
    expect(code).toBe(0);
    expect(rig.alive()).toEqual([]);
    return stdout;
  }

  test('everything is ended at once, and the next run starts clean', async () => {
    await using rig = await Rig.create();
    const { use, port } = await serving(rig);
    const run = rig.start([]);
    const [daemon, caller] = await use();
    run.kill('SIGKILL');
    expect((await run.exit()).signal).toBe('SIGKILL');
    await Promise.all([daemon.gone, caller.gone]);
    await untilFree(rig, port);
    await untilDeserted(rig);
    expect((await rig.run(['sweep', '--dry-run'])).stdout).toBe('nothing was left by earlier runs\n');
    expect(await runsAgain(rig, use)).not.toContain('earlier run');
    expect(rig.report().notes).toEqual([]);
  });

  test('with those that do not heed SIGTERM', async () => {
    await using rig = await Rig.create();
    const { use } = await serving(rig);
    const run = rig.start([]);
    const [daemon, caller] = await use();
    await daemon.ignore('SIGTERM');
    await caller.ignore('SIGTERM');
    run.kill('SIGKILL');
    await Promise.all([daemon.gone, caller.gone]);
    await untilAlive(rig);
  });

  test.runIf(isThorough)('together with its whole process group, as a CI system does', async () => {
    await using rig = await Rig.create();
    const { use, port } = await serving(rig);
    await using run = new GroupedRun(rig, []);
    const [daemon, caller] = await use();
    run.signalGroup('SIGKILL');
    expect((await run.exit()).signal).toBe('SIGKILL');
    await Promise.all([daemon.gone, caller.gone]);
    await untilFree(rig, port);
    await runsAgain(rig, use);
  });

  /** Shakedown and its watchdog killed, in a tier that does not survive that: what they ran lives on. */
  async function orphaned(rig: Rig, line = WAYS_INTO_THE_BACKGROUND[2]?.line) {
    const { use, port } = await serving(rig, line);
    const run = rig.start(['--ownership', 'finders']);
    const [daemon, caller] = await use();
    // Stopped, it cannot set another watchdog.
    run.kill('SIGSTOP');
    const watchdogs = processesWith('shakedown-watchdog', rig.dir);
    expect(watchdogs).toHaveLength(1);
    for (const pid of watchdogs) process.kill(pid, 'SIGKILL');
    await expect.poll(() => processesWith('shakedown-watchdog', rig.dir)).toEqual([]);
    run.kill('SIGKILL');
    await run.exit();
    expect(new Set(rig.alive())).toEqual(new Set([daemon.pid, caller.pid]));
    return { use, port, daemon, caller };
  }

  test.for(inTurn(WAYS_INTO_THE_BACKGROUND))(
    'together with its watchdog, and the daemon started $way: `sweep --dry-run` lists what is left, `sweep` ends it',
    async ({ line }) => {
      await using rig = await Rig.create();
      const { port, daemon, caller } = await orphaned(rig, line);
      const dry = await rig.run(['sweep', '--dry-run']);
      expect(dry.code).toBe(0);
      for (const { pid } of [daemon, caller])
        expect(dry.stdout).toMatch(new RegExp(`^would stop pid ${pid}, started .+ ago: .*agent\\.mjs`, 'm'));
      expect(dry.stdout).toContain('2 processes of killed runs found');
      expect(new Set(rig.alive())).toEqual(new Set([daemon.pid, caller.pid]));

      const wet = await rig.run(['sweep']);
      expect(wet.code).toBe(0);
      expect(wet.stdout).toContain(`stopped pid ${daemon.pid}`);
      expect(wet.stdout).toContain('2 processes of killed runs stopped');
      expect(rig.alive()).toEqual([]);
      expect(await rig.isFree(port)).toBe(true);
      expect((await rig.run(['sweep'])).stdout).toBe('nothing was left by earlier runs\n');
    },
  );

  test('together with its watchdog: the next run ends what is left, says so, and passes', async () => {
    await using rig = await Rig.create();
    const { use, daemon, caller } = await orphaned(rig);
    const stdout = await runsAgain(rig, use);
    expect(stdout).toContain('ended 2 processes that an earlier run left when it was killed');
    await Promise.all([daemon.gone, caller.gone]);
    const swept = findingOf({ findings: rig.report().notes }, 'swept');
    expect(new Set(swept.processes.map(({ pid }) => pid))).toEqual(new Set([daemon.pid, caller.pid]));
    expect(rig.report().verdict).toBe('passed');
  });
});

test.runIf(isThorough)('`sweep` leaves a living run alone', async () => {
  await using rig = await Rig.create();
  const { server, client, port } = await httpSuite(rig);
  const run = rig.start([]);
  const serving = await server.invocation();
  await serving.listen(port);
  const caller = await client.invocation();
  const { code, stdout } = await rig.run(['sweep']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^run \S+ is still running: left alone$/m);
  expect(stdout).toContain('nothing was left by earlier runs');
  expect(new Set(rig.alive())).toEqual(new Set([serving.pid, caller.pid]));
  await caller.exit(0);
  expect((await run.exit()).code).toBe(0);
});

describe('where nothing can be written', () => {
  const folderElsewhere = (stdout: string): string => /logs are in (\S+)/.exec(stdout)?.[1] ?? '';

  test.runIf(isThorough)(
    'in .shakedown: the run goes on, with its logs elsewhere, and still owns what it starts',
    async () => {
      await using rig = await Rig.create();
      rig.write('.shakedown', 'a file where a folder should be');
      const { server, client, port } = await httpSuite(rig);
      const left = rig.command();
      const run = rig.start([...JSON_REPORT]);
      const serving = await server.invocation();
      await serving.listen(port);
      const caller = await client.invocation();
      await caller.print('the client speaks\n');
      await caller.daemon(left);
      await left.invocation();
      await caller.exit(0);
      const { code, stdout } = await run.exit();
      expect(stdout).toMatch(/\.shakedown cannot be written \(.+\); logs are in \S+/);
      expect(code).toBe(1);
      expect(codesOf(componentOf(rig.report()))).toEqual(['leaked-process']);
      const folder = folderElsewhere(stdout);
      expect(readFileSync(join(folder, 'logs/http.log'), 'utf8')).toContain('the client speaks');
      rmSync(folder, { recursive: true });
      expect(rig.read('.shakedown')).toBe('a file where a folder should be');
      expect(rig.alive()).toEqual([]);
    },
  );

  test.runIf(isThorough)('in .shakedown: a sample is type-checked all the same', async () => {
    await using rig = await Rig.create();
    rig.write('.shakedown', '');
    rig.write('tsconfig.json', '{ "compilerOptions": { "strict": true, "types": [] } }');
    rig.write('sample.ts', 'export const answer: number = 42;\n');
    rig.link('node_modules', join(CLI, '../../node_modules'));
    rig.config({ components: { sample: { kind: 'types', sample: 'sample.ts' } } });
    const { code, stdout } = await rig.run([]);
    expect(stdout).toContain('PASSED  1 passed');
    expect(code).toBe(0);
    rmSync(folderElsewhere(stdout), { recursive: true });
  });

  test('any more, since the disk is full: the run goes on, and says that its records are not complete', async () => {
    await using rig = await Rig.create();
    const [thread, left] = [rig.command(), rig.command()];
    rig.config({ components: { thread: { kind: 'command', run: thread.line } } });
    // No file may grow beyond a block or two: as good as a full disk, for those who write.
    const limited = ['sh', '-c', 'ulimit -f 1; exec "$@"', 'sh', process.execPath, CLI] as const;
    await using run = new DisposableRun([], rig.dir, process.env, [...limited, '--report', 'ndjson']);
    const invocation = await thread.invocation();
    await invocation.print(`${'all work and no play\n'.repeat(1000)}the last line\n`);
    await invocation.daemon(left);
    await left.invocation();
    await invocation.exit(0);
    const { code, stdout, stderr } = await run.exit();
    expect(stderr).toMatch(/log-incomplete: the log of thread is not complete: EFBIG/);
    expect(stderr).toMatch(/the journal could not be written: EFBIG/);
    expect(stderr).toContain('thread has ended and left 1 process behind');
    expect(stdout).toContain('"type":"run-finished"');
    expect(code).toBe(1);
    expect(rig.alive()).toEqual([]);
  });

  test('from the start: a log on a full disk says why, and takes whatever else is written', () => {
    const log = new ComponentLog('/dev/full');
    expect(log.failure).toBeUndefined();
    log.write('thread', Buffer.from('hello\n'));
    expect(log.failure).toContain('ENOSPC');
    log.write('thread', Buffer.from('more\n'));
    log.close();
    expect(log.failure).toContain('ENOSPC');
  });

  test('at all: a log in a folder that does not exist says why', () => {
    const log = new ComponentLog('/nonexistent/folder/thread.log');
    expect(log.failure).toContain('ENOENT');
    log.write('thread', Buffer.from('hello\n'));
    log.close();
  });
});
