/** What setup steps have done is undone, and the teardown runs, on every path, SIGKILL of Shakedown included. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { processesWith } from '../rig/processes.ts';
import { type FakeCommand, Rig } from '../rig/rig.ts';
import { JSON_REPORT } from '../rig/services.ts';
import { inTurn, isThorough } from '../rig/thorough.ts';

interface Suite {
  readonly prepare: FakeCommand;
  readonly undo: FakeCommand;
  readonly collect: FakeCommand;
  readonly thread: FakeCommand;
}

/** A suite with a step that is undone, and a teardown. */
function suite(rig: Rig, undo: object = {}): Suite {
  const [prepare, undoing, collect, thread] = [rig.command(), rig.command(), rig.command(), rig.command()];
  rig.config({
    setup: [
      {
        name: 'createdb',
        run: `echo DB=one >> "$SHAKEDOWN_ENV"; ${prepare.line}`,
        env: { OWN: '1' },
        undo: { run: undoing.line, ...undo },
      },
    ],
    teardown: [{ name: 'collect', run: collect.line, env: { WHERE: 'here' } }],
    components: { thread: { kind: 'command', run: thread.line } },
  });
  return { prepare, undo: undoing, collect, thread };
}

/** Whether any run has left a file of what is to be undone. */
const hasUndos = (rig: Rig): boolean => {
  const runs = join(rig.dir, '.shakedown/runs');
  return readdirSync(runs).some((run) => existsSync(join(runs, run, 'undos.ndjson')));
};

/** Waits until neither a program nor a watchdog of the rig is left. */
async function untilDeserted(rig: Rig): Promise<void> {
  await expect.poll(() => processesWith(rig.dir), { timeout: 20_000 }).toEqual([]);
}

describe('a run that comes to its end', () => {
  test('undoes first, in the environment of the step, then tears down; and says so', async () => {
    await using rig = await Rig.create();
    const { prepare, undo, collect, thread } = suite(rig);
    const run = rig.start([...JSON_REPORT, '--report', 'junit=junit.xml']);
    await (await prepare.invocation()).exit(0);
    await (await thread.invocation()).exit(0);
    const undoing = await undo.invocation();
    expect(undoing.env).toMatchObject({ OWN: '1', DB: 'one' });
    expect(undoing.env.SHAKEDOWN_ENV).toBeUndefined();
    expect(collect.unasked).toBe(0);
    await undoing.exit(0);
    const collecting = await collect.invocation();
    expect(collecting.env).toMatchObject({ WHERE: 'here', DB: 'one' });
    await collecting.print('collected\n');
    await collecting.exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout).toMatch(/⚙ undo +\S+ \S+ +createdb\n.*⚙ teardown +\S+ \S+ +collect\n/);
    expect(rig.report()).toMatchObject({
      verdict: 'passed',
      teardown: [
        { kind: 'undo', name: 'createdb', outcome: 'done', findings: [] },
        { kind: 'teardown', name: 'collect', outcome: 'done', findings: [] },
      ],
    });
    expect(rig.read('junit.xml')).toContain('name="undo: createdb"');
    expect(rig.read('.shakedown/latest/logs/teardown-1.log')).toContain('collected\n');
    // Of the first setup step, whatever else is to be undone.
    expect(rig.exists('.shakedown/latest/logs/undo-1.log')).toBe(true);
    expect(hasUndos(rig)).toBe(false);
  });

  test.runIf(isThorough)('does so after a failure, and with --keep-going', async () => {
    await using rig = await Rig.create();
    const { prepare, undo, collect, thread } = suite(rig);
    const run = rig.start(['--keep-going']);
    await (await prepare.invocation()).exit(0);
    await (await thread.invocation()).exit(1);
    for (const command of [undo, collect]) await (await command.invocation()).exit(0);
    expect((await run.exit()).code).toBe(1);
  });

  test('does so after a step that has failed half-way', async () => {
    await using rig = await Rig.create();
    const { prepare, undo, collect, thread } = suite(rig);
    const run = rig.start([]);
    await (await prepare.invocation()).exit(1);
    const undoing = await undo.invocation();
    expect(undoing.env.DB).toBe('one');
    await undoing.exit(0);
    await (await collect.invocation()).exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toMatch(/thread +skipped: the setup failed/);
    expect(thread.unasked).toBe(0);
  });

  test.for(inTurn(['thread', 'prepare', 'undo'] as const, 2))(
    'does so after Ctrl-C during %s',
    async (during) => {
      await using rig = await Rig.create();
      const commands = suite(rig);
      const run = rig.start([]);
      for (const each of ['prepare', 'thread', 'undo', 'collect'] as const) {
        if (each === 'thread' && during === 'prepare') continue;
        const invocation = await commands[each].invocation();
        if (each === during) {
          run.kill('SIGINT');
          if (each !== 'undo') continue;
          await run.output(/SIGINT undo:createdb goes on, so that nothing is left/);
        }
        await invocation.exit(0);
      }
      expect((await run.exit()).signal).toBe('SIGINT');
      expect(hasUndos(rig)).toBe(false);
    },
  );

  test('does not undo what was never begun', async () => {
    await using rig = await Rig.create();
    const { undo, collect } = suite(rig);
    const config = JSON.parse(rig.read('shakedown.config.json'));
    rig.config({ ...config, setup: ['exit 3', ...config.setup] });
    const run = rig.start([]);
    await (await collect.invocation()).exit(0);
    expect((await run.exit()).code).toBe(1);
    expect(undo.unasked).toBe(0);
  });

  test('and cannot undo is not green: it says what is left, and `sweep` tries again', async () => {
    await using rig = await Rig.create();
    const { prepare, undo, collect, thread } = suite(rig);
    const run = rig.start([...JSON_REPORT]);
    await (await prepare.invocation()).exit(0);
    await (await thread.invocation()).exit(0);
    const undoing = await undo.invocation();
    await undoing.print('database "one" is being accessed\n');
    await undoing.exit(1);
    await (await collect.invocation()).exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toContain('undo of setup "createdb" exited with code 1: database "one" is being accessed');
    expect(stdout).toContain('FAILED  1 passed, 1 failed (undo)');
    expect(rig.report()).toMatchObject({
      teardown: [
        { outcome: 'failed', findings: [{ code: 'undo-failed', exitCode: 1 }] },
        { outcome: 'done' },
      ],
    });
    const dry = await rig.run(['sweep', '--dry-run']);
    expect(dry.stdout).toMatch(/^would carry out the undo of setup "createdb": exec .*\n$/);
    const again = rig.start(['sweep']);
    await (await undo.invocation()).exit(2);
    const failed = await again.exit();
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('the undo of setup "createdb" exited with code 2');
    expect(failed.stdout).toMatch(/by hand, forget it: rm \S+undos\.ndjson/);
    const last = rig.start(['sweep']);
    await (await undo.invocation()).exit(0);
    expect((await last.exit()).stdout).toMatch(/^carried out the undo of setup "createdb": exec /);
    expect((await rig.run(['sweep'])).stdout).toBe('nothing was left by earlier runs\n');
  });

  test.runIf(isThorough)('ends an undo at its time limit, and what one has left behind', async () => {
    await using rig = await Rig.create();
    // Nobody has to get that far as to phone home.
    const { prepare, collect, thread } = suite(rig, { run: 'exec sleep 600', timeout: '100ms' });
    const run = rig.start([...JSON_REPORT]);
    await (await prepare.invocation()).exit(0);
    await (await thread.invocation()).exit(0);
    const collecting = await collect.invocation();
    const left = rig.command();
    await collecting.daemon(left);
    const behind = await left.invocation();
    await collecting.exit(0);
    await behind.gone;
    expect((await run.exit()).code).toBe(1);
    expect(rig.report()).toMatchObject({
      teardown: [
        {
          findings: [{ code: 'undo-failed', message: expect.stringMatching(/did not finish within 100 ms/) }],
        },
        { outcome: 'failed', findings: [{ code: 'leaked-process' }] },
      ],
    });
    await untilDeserted(rig);
  });
});

describe('SIGKILL of Shakedown', () => {
  /** Runs until the component has begun. */
  async function begun(rig: Rig, args: readonly string[] = []) {
    const commands = suite(rig);
    const run = rig.start([...args]);
    await (await commands.prepare.invocation()).exit(0);
    const component = await commands.thread.invocation();
    return { run, component, ...commands };
  }

  /** The next run in the folder, which passes. */
  async function runAgain(rig: Rig, { prepare, thread, undo, collect }: Suite): Promise<string> {
    const run = rig.start([]);
    for (const each of [prepare, thread, undo, collect]) await (await each.invocation()).exit(0);
    const { code, stdout } = await run.exit();
    expect(code, stdout).toBe(0);
    return stdout;
  }

  test.runIf(isThorough)('the watchdog undoes, when nothing of the run is alive', async () => {
    await using rig = await Rig.create();
    const { run, component, undo, collect } = await begun(rig);
    run.kill('SIGKILL');
    const undoing = await undo.invocation();
    await component.gone;
    expect(undoing.env).toMatchObject({ OWN: '1', DB: 'one' });
    expect(undoing.cwd).toBe(rig.dir);
    await undoing.exit(0);
    await (await collect.invocation()).exit(0);
    await untilDeserted(rig);
    expect(hasUndos(rig)).toBe(false);
    expect((await rig.run(['sweep'])).stdout).toBe('nothing was left by earlier runs\n');
  });

  test.runIf(isThorough)('although the component had removed the folder of the run', async () => {
    await using rig = await Rig.create();
    const { run, undo, collect } = await begun(rig);
    execFileSync('rm', ['-rf', join(rig.dir, '.shakedown')]);
    run.kill('SIGKILL');
    for (const each of [undo, collect]) await (await each.invocation()).exit(0);
    await untilDeserted(rig);
  });

  test.runIf(isThorough)('what fails then is told by the next run, and tried again by `sweep`', async () => {
    await using rig = await Rig.create();
    const { run, ...commands } = await begun(rig);
    run.kill('SIGKILL');
    await (await commands.undo.invocation()).exit(4);
    await (await commands.collect.invocation()).exit(0);
    await untilDeserted(rig);
    const told = await runAgain(rig, commands);
    expect(told).toMatch(/something is left of run \S+: the undo of setup "createdb" exited with code 4/);
    expect(told).toMatch(/if you have undone it by hand, forget it: rm \S+undos\.ndjson/);
    const swept = rig.start(['sweep']);
    await (await commands.undo.invocation()).exit(0);
    expect((await swept.exit()).code).toBe(0);
    expect(await runAgain(rig, commands)).not.toContain('is left of run');
  });

  test.runIf(isThorough)('the next run waits for the watchdog, which is still undoing', async () => {
    await using rig = await Rig.create();
    const { run, prepare, undo, collect, thread } = await begun(rig);
    run.kill('SIGKILL');
    const undoing = await undo.invocation();
    const next = rig.start([]);
    await next.output(/waiting for pid \d+, which undoes what run \S+ has done/);
    expect(prepare.unasked).toBe(0);
    await undoing.exit(0);
    await (await collect.invocation()).exit(0);
    for (const each of [prepare, thread, undo, collect]) await (await each.invocation()).exit(0);
    expect((await next.exit()).code).toBe(0);
    await untilDeserted(rig);
  });

  /** Shakedown and its watchdog killed: nobody undoes. */
  async function orphaned(rig: Rig) {
    const started = await begun(rig, ['--ownership', 'finders']);
    // Stopped, it cannot set another watchdog.
    started.run.kill('SIGSTOP');
    for (const pid of processesWith('shakedown-watchdog', rig.dir)) process.kill(pid, 'SIGKILL');
    await expect.poll(() => processesWith('shakedown-watchdog', rig.dir)).toEqual([]);
    started.run.kill('SIGKILL');
    await started.run.exit();
    return started;
  }

  test('together with its watchdog: `sweep --dry-run` lists what is to be undone, `sweep` undoes it', async () => {
    await using rig = await Rig.create();
    const { undo, collect, component } = await orphaned(rig);
    const dry = await rig.run(['sweep', '--dry-run']);
    expect(dry.stdout).toContain('would carry out the undo of setup "createdb": exec ');
    expect(dry.stdout).toContain('would carry out the teardown "collect": exec ');
    expect(undo.unasked).toBe(0);
    const sweep = rig.start(['sweep']);
    const undoing = await undo.invocation();
    await component.gone;
    expect(undoing.env).toMatchObject({ OWN: '1', DB: 'one' });
    await undoing.exit(0);
    await (await collect.invocation()).exit(0);
    const { code, stdout } = await sweep.exit();
    expect(code).toBe(0);
    expect(stdout).toContain('carried out the undo of setup "createdb"');
    expect(hasUndos(rig)).toBe(false);
  });

  test.runIf(isThorough)('together with its watchdog: the next run undoes it before it begins', async () => {
    await using rig = await Rig.create();
    const { run: _, ...commands } = await orphaned(rig);
    const next = rig.start([]);
    for (const each of ['undo', 'collect', 'prepare', 'thread', 'undo', 'collect'] as const)
      await (await commands[each].invocation()).exit(0);
    const { code, stdout } = await next.exit();
    expect(code).toBe(0);
    expect(stdout).toContain(
      'an earlier run was killed before it could: the undo of setup "createdb" is done now',
    );
  });
});

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)('on a full disk, a step that could not be undone is not begun', async () => {
  await using rig = await Rig.create();
  const { prepare, undo } = suite(rig);
  const config = JSON.parse(rig.read('shakedown.config.json'));
  const [step] = config.setup;
  const fill = 'cat /dev/zero > .shakedown/filling 2>/dev/null; true';
  const env = { BIG: 'x'.repeat(20_000) };
  rig.config({ ...config, teardown: [], setup: [fill, { ...step, env }] });
  const disk = join(rig.dir, '.shakedown');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k,mode=700', 'full', disk]);
  try {
    const { code, stdout } = await rig.run([]);
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /the undo of setup "createdb" cannot be written to \S+ \(no space is left on the disk\), and nothing is done/,
    );
    expect(stdout).toContain('free some space');
    expect(prepare.unasked + undo.unasked).toBe(0);
  } finally {
    execFileSync('umount', ['--lazy', disk]);
  }
});

describe('an executable `teardown` in a folder', () => {
  test('runs last, whatever has happened', async () => {
    await using rig = await Rig.create();
    rig.script('integration/setup', 'echo "DB=one" >> "$SHAKEDOWN_ENV"');
    const thread = rig.executable('integration/thread');
    const teardown = rig.executable('integration/teardown');
    const run = rig.start([]);
    await (await thread.invocation()).exit(1);
    const tidying = await teardown.invocation();
    expect(tidying.env.DB).toBe('one');
    await tidying.exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(1);
    expect(stdout).toMatch(/⚙ teardown/);
  });

  test('that cannot be run is refused before anything runs', async () => {
    await using rig = await Rig.create();
    rig.write('integration/teardown', '#!/bin/sh\n', 0o644);
    const thread = rig.executable('integration/thread');
    const { code, stderr } = await rig.run([]);
    expect(code).toBe(2);
    expect(stderr).toContain('integration/teardown is not executable');
    expect(thread.unasked).toBe(0);
  });
});

test('`plan` shows what is undone, and the teardown', async () => {
  await using rig = await Rig.create();
  rig.config({
    setup: [{ run: 'createdb x', undo: 'dropdb x' }],
    teardown: ['npm run collect'],
    components: { thread: { kind: 'command', run: 'true' } },
  });
  const { stdout } = await rig.run(['plan']);
  expect(stdout).toContain('  setup 1. createdb x, undone at the end by dropdb x\n');
  expect(stdout).toContain('  teardown 1. npm run collect (at most 1m 00s)\n');
});
