/** Steps that prepare the environment: when they run, when they need not, and what they hand on. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CLI, type FakeCommand, type Invocation, Rig, type ShakedownRun } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

/** A step that exports these lines, and a component after it. */
interface Suite {
  readonly step: FakeCommand;
  readonly thread: FakeCommand;
  /** Runs the program; the step must run, and passes. Returns what the component found itself in. */
  readonly withStep: (before?: (invocation: Invocation) => Promise<void>) => Promise<Invocation>;
  /** Runs the program; the step must not run. */
  readonly withoutStep: (env?: NodeJS.ProcessEnv) => Promise<Invocation>;
  readonly configure: (change?: object) => void;
}

function suiteWith(rig: Rig, options: object): Suite {
  const step = rig.executable('prepare');
  const thread = rig.command();
  const configure = (change: object = {}): void =>
    rig.config({
      setup: [{ run: './prepare', ...options, ...change }],
      components: { thread: { kind: 'command', run: thread.line } },
    });
  configure();
  const finish = async (run: ShakedownRun): Promise<{ invocation: Invocation; stdout: string }> => {
    const invocation = await thread.invocation();
    await invocation.exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(step.unasked).toBe(0);
    return { invocation, stdout };
  };
  return {
    step,
    thread,
    configure,
    withStep: async (before) => {
      const run = rig.start([]);
      const preparing = await step.invocation();
      await before?.(preparing);
      await preparing.exit(0);
      const { invocation, stdout } = await finish(run);
      expect(stdout).not.toContain('not run again');
      return invocation;
    },
    withoutStep: async (env) => {
      const { invocation, stdout } = await finish(rig.start([], env));
      expect(stdout).toContain('./prepare: unchanged, not run again');
      return invocation;
    },
  };
}

describe('an executable `setup` in a folder', () => {
  test('runs first, and what it exports reaches all that follows', async () => {
    await using rig = await Rig.create();
    rig.script(
      'integration/setup',
      'echo "# a comment" >> "$SHAKEDOWN_ENV"',
      'echo "DATABASE=one two" >> "$SHAKEDOWN_ENV"',
      'echo "export TOKEN=a=b" >> "$SHAKEDOWN_ENV"',
      'echo "PATH=/somewhere/first:$PATH" >> "$SHAKEDOWN_ENV"',
      'echo prepared',
    );
    const thread = rig.executable('integration/thread');
    const http = rig.executable('integration/http');
    const client = rig.executable('integration/client');
    const init = rig.executable('integration/init');
    const port = await rig.freePort();
    const run = rig.start(['--foreground', '--port', String(port)]);
    const seen: Invocation[] = [];
    const met = async (command: FakeCommand): Promise<Invocation> => {
      const invocation = await command.invocation();
      seen.push(invocation);
      return invocation;
    };
    await (await met(thread)).exit(0);
    const server = await met(http);
    await server.listen(port);
    await (await met(client)).exit(0);
    await (await met(init)).exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout).toMatch(/⚙ setup/);
    for (const { env } of seen) {
      expect(env).toMatchObject({ DATABASE: 'one two', TOKEN: 'a=b' });
      expect(env.PATH).toMatch(/^\/somewhere\/first:/);
    }
    expect(seen).toHaveLength(4);
    const order = run
      .journal()
      .flatMap((event) =>
        event.type === 'setup-finished' || event.type === 'component-started' ? [event.type] : [],
      );
    expect(order[0]).toBe('setup-finished');
    expect(rig.read('.shakedown/latest/logs/setup-1.log')).toContain('prepared\n');
  });

  test('that fails is the cause: no component runs', async () => {
    await using rig = await Rig.create();
    rig.script('integration/setup', 'echo "cannot reach the database"', 'exit 3');
    const thread = rig.executable('integration/thread');
    const { code, stdout } = await rig.run(['thread', '--report', 'json=report.json']);
    expect(code).toBe(1);
    expect(stdout).toContain('setup "setup" exited with code 3: cannot reach the database');
    expect(stdout).toMatch(/thread +skipped: the setup failed/);
    expect(stdout).toContain('FAILED  0 passed, 1 failed (setup), 1 skipped');
    expect(thread.unasked).toBe(0);
    expect(rig.report()).toMatchObject({
      verdict: 'failed',
      exitCode: 1,
      setup: [{ name: 'setup', outcome: 'failed', findings: [{ code: 'exit-code', exitCode: 3 }] }],
      components: [{ name: 'thread', verdict: 'skipped', skipped: 'the setup failed' }],
    });
  });

  test('that cannot be run is refused before anything runs', async () => {
    await using rig = await Rig.create();
    rig.write('integration/setup', '#!/bin/sh\n', 0o644);
    const thread = rig.executable('integration/thread');
    const { code, stderr } = await rig.run([]);
    expect(code).toBe(2);
    expect(stderr).toContain('integration/setup is not executable');
    expect(stderr).toContain('chmod +x integration/setup');
    expect(thread.unasked).toBe(0);
  });
});

describe('the steps of a config', () => {
  test('run in order, each with what those before it exported, and before any component', async () => {
    await using rig = await Rig.create();
    const second = rig.command();
    const thread = rig.command();
    rig.config({
      setup: [
        'echo FIRST=1 >> "$SHAKEDOWN_ENV"',
        { run: second.line, name: 'the second', env: { OWN: 'x' } },
      ],
      components: { thread: { kind: 'command', run: thread.line, env: { FIRST: 'overruled' } } },
    });
    const run = rig.start([]);
    const preparing = await second.invocation();
    expect(preparing.env).toMatchObject({ FIRST: '1', OWN: 'x' });
    expect(preparing.cwd).toBe(rig.dir);
    expect(thread.unasked).toBe(0);
    await preparing.exit(0);
    const invocation = await thread.invocation();
    expect(invocation.env.FIRST).toBe('overruled');
    expect(invocation.env.OWN).toBeUndefined();
    await invocation.exit(0);
    const { code, stdout } = await run.exit();
    expect(code).toBe(0);
    expect(stdout).toMatch(/⚙ setup .* the second/);
  });

  test.runIf(isThorough)('without inputs run every time', async () => {
    await using rig = await Rig.create();
    const { withStep } = suiteWith(rig, {});
    await withStep();
    await withStep();
  });

  test('with inputs are not run again while these stay as they are; what they exported stays in force', async () => {
    await using rig = await Rig.create();
    rig.write('lock.json', '1');
    const { withStep, withoutStep } = suiteWith(rig, { inputs: ['lock.json'] });
    const exporting = async (invocation: Invocation): Promise<void> => {
      rig.write(
        invocation.env.SHAKEDOWN_ENV?.slice(rig.dir.length + 1) ?? '',
        'EXPORTED=from the first run\n',
      );
    };
    expect((await withStep(exporting)).env.EXPORTED).toBe('from the first run');
    expect((await withoutStep()).env.EXPORTED).toBe('from the first run');
    // The same bytes written anew are no change.
    rig.write('lock.json', '1');
    expect((await withoutStep()).env.EXPORTED).toBe('from the first run');
  });

  test('may make the folder that a later step or a component runs in', async () => {
    await using rig = await Rig.create();
    rig.config({
      setup: [
        { run: 'mkdir -p made/inner', outputs: ['made'] },
        { run: 'touch here', cwd: 'made' },
      ],
      components: { thread: { kind: 'command', run: 'test -e ../here', cwd: 'made/inner' } },
    });
    expect((await rig.run([])).code).toBe(0);
  });

  test.runIf(isThorough)('that put something before the PATH do so before the PATH of the day', async () => {
    await using rig = await Rig.create();
    rig.write('lock.json', '1');
    const { step, thread, withoutStep } = suiteWith(rig, { inputs: ['lock.json'] });
    const run = rig.start([]);
    const preparing = await step.invocation();
    rig.write(
      preparing.env.SHAKEDOWN_ENV?.slice(rig.dir.length + 1) ?? '',
      `PATH=/venv/bin:${preparing.env.PATH}\n`,
    );
    await preparing.exit(0);
    await (await thread.invocation()).exit(0);
    expect((await run.exit()).code).toBe(0);
    const path = `/new/today:${process.env.PATH}`;
    expect((await withoutStep({ PATH: path })).env.PATH).toBe(`/venv/bin:${path}`);
  });

  describe('run again when', () => {
    test.runIf(isThorough)('an input changed', async () => {
      await using rig = await Rig.create();
      rig.write('lock.json', '1');
      const { withStep, withoutStep } = suiteWith(rig, { inputs: ['lock.json'] });
      await withStep();
      rig.write('lock.json', '2');
      await withStep();
      await withoutStep();
    });

    test.runIf(isThorough)(
      'a file in a folder, or one that a glob means, changed, came or went',
      async () => {
        await using rig = await Rig.create();
        rig.write('data/deep/a.sql', '1');
        rig.write('one.toml', '1');
        const { withStep, withoutStep } = suiteWith(rig, { inputs: ['data', '*.toml'] });
        await withStep();
        await withoutStep();
        rig.write('data/deep/a.sql', '2');
        await withStep();
        rig.write('data/b.sql', '');
        await withStep();
        rig.write('two.toml', '1');
        await withStep();
        rmSync(join(rig.dir, 'data/b.sql'));
        await withStep();
        rig.write('unrelated.txt', '1');
        await withoutStep();
      },
    );

    test.runIf(isThorough)('its command or its environment changed', async () => {
      await using rig = await Rig.create();
      rig.write('lock.json', '1');
      const { withStep, withoutStep, configure } = suiteWith(rig, { inputs: ['lock.json'] });
      await withStep();
      configure({ run: './prepare --again' });
      await withStep(async ({ args }) => expect(args).toEqual(['--again']));
      configure({ run: './prepare --again', env: { LEVEL: '2' } });
      await withStep(async ({ env }) => expect(env.LEVEL).toBe('2'));
      configure();
      await withoutStep();
    });

    test.runIf(isThorough)('something that it makes is missing', async () => {
      await using rig = await Rig.create();
      rig.write('lock.json', '1');
      const { withStep, withoutStep } = suiteWith(rig, { inputs: ['lock.json'], outputs: ['made'] });
      const make = async (): Promise<void> => void rig.write('made/thing', '1');
      await withStep(make);
      await withoutStep();
      rmSync(join(rig.dir, 'made'), { recursive: true });
      await withStep(make);
    });

    test.runIf(isThorough)('it failed the last time', async () => {
      await using rig = await Rig.create();
      rig.write('lock.json', '1');
      const { step, thread, withStep, withoutStep } = suiteWith(rig, { inputs: ['lock.json'] });
      const run = rig.start([]);
      await (await step.invocation()).exit(1);
      expect((await run.exit()).code).toBe(1);
      expect(thread.unasked).toBe(0);
      await withStep();
      await withoutStep();
    });
  });

  describe('that go wrong end the run before it begins:', () => {
    /** Runs a suite with this setup; returns what was said. The component must not have run. */
    async function refused(rig: Rig, setup: readonly unknown[]): Promise<string> {
      const thread = rig.command();
      rig.config({ setup, components: { thread: { kind: 'command', run: thread.line } } });
      const { code, stdout } = await rig.run(['--report', 'json=report.json']);
      expect(code).toBe(1);
      expect(thread.unasked).toBe(0);
      expect(stdout).toMatch(/thread +skipped: the setup failed/);
      expect(stdout).toMatch(/FAILED {2}0 passed, 1 failed \(setup\), 1 skipped/);
      return stdout;
    }

    test('an input that matches no file is named', async () => {
      await using rig = await Rig.create();
      const never = rig.executable('never');
      const stdout = await refused(rig, [{ run: './never', inputs: ['no-such.lock'] }]);
      expect(stdout).toContain(`its input no-such.lock matches no file in ${rig.dir}`);
      expect(stdout).toContain('correct `inputs`');
      expect(never.unasked).toBe(0);
    });

    test('an output that is not made is named', async () => {
      await using rig = await Rig.create();
      const stdout = await refused(rig, [{ run: 'true', outputs: ['made', 'also/made'] }]);
      expect(stdout).toContain('setup "true" succeeded, but did not make made, also/made');
    });

    test('an export that is none is shown', async () => {
      await using rig = await Rig.create();
      const stdout = await refused(rig, ['echo "not a pair" > "$SHAKEDOWN_ENV"']);
      expect(stdout).toContain('exported a line that is not NAME=value: not a pair');
    });

    test('a step that never ends is ended', async () => {
      await using rig = await Rig.create();
      const stdout = await refused(rig, [{ run: 'exec sleep 600', name: 'forever', timeout: '300ms' }]);
      expect(stdout).toContain('setup "forever" did not finish within 300 ms and was stopped');
    });

    test('a program that is not installed is named', async () => {
      await using rig = await Rig.create();
      const stdout = await refused(rig, [{ run: ['no-such-program-at-all'] }]);
      expect(stdout).toContain('no-such-program-at-all is not installed, or not on the PATH');
    });

    test('the steps after it do not run', async () => {
      await using rig = await Rig.create();
      const after = rig.executable('after');
      await refused(rig, ['exit 7', './after']);
      expect(after.unasked).toBe(0);
    });
  });

  test.runIf(isThorough)('of the same name, in different folders, are told apart', async () => {
    await using rig = await Rig.create();
    rig.script('a/prepare', 'echo one');
    rig.script('b/prepare', 'exit 9');
    rig.config({
      setup: [
        { run: './prepare', cwd: 'a' },
        { run: './prepare', cwd: 'b' },
      ],
      components: { thread: { kind: 'command', run: 'true' } },
    });
    const { code, stdout } = await rig.run(['--report', 'json=report.json']);
    expect(code).toBe(1);
    expect(stdout.match(/exited with code 9/g)).toHaveLength(2);
    expect(rig.report().setup.map(({ outcome }) => outcome)).toEqual(['done', 'failed']);
  });
});

describe('two runs that need one step', () => {
  function suite(rig: Rig, options: object = {}): { step: FakeCommand; thread: FakeCommand } {
    const [step, thread] = [rig.command(), rig.command()];
    rig.write('lock', '1');
    rig.config({
      setup: [{ name: 'install', run: step.line, inputs: ['lock'], ...options }],
      components: { thread: { kind: 'command', run: thread.line } },
    });
    return { step, thread };
  }

  test('one carries it out; the other says for whom it waits, and need not run it', async () => {
    await using rig = await Rig.create();
    const { step, thread } = suite(rig);
    const [first, second] = [rig.start([]), rig.start([])];
    const installing = await step.invocation();
    await Promise.race([first, second].map((run) => run.output(/waits for run \S+ \(pid \d+\)/)));
    expect(step.unasked).toBe(0);
    await installing.exit(0);
    for (let index = 0; index < 2; index++) await (await thread.invocation()).exit(0);
    const ended = await Promise.all([first.exit(), second.exit()]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    const [waited = ''] = ended.map(({ stdout }) => stdout).filter((stdout) => stdout.includes('waits for'));
    const [holder = first] = [first, second].filter((run) => run.stdout !== waited);
    expect(waited).toContain(`(pid ${holder.pid}), which is running it`);
    expect(waited).toContain('unchanged, not run again');
    expect(step.unasked).toBe(0);
  });

  test.runIf(isThorough)('a step without inputs is carried out by both, one after the other', async () => {
    await using rig = await Rig.create();
    const { step, thread } = suite(rig, { inputs: [] });
    const runs = [rig.start([]), rig.start([])];
    const installing = await step.invocation();
    await Promise.race(runs.map((run) => run.output(/waits for run/)));
    expect(step.unasked).toBe(0);
    await installing.exit(0);
    await (await step.invocation()).exit(0);
    for (let index = 0; index < 2; index++) await (await thread.invocation()).exit(0);
    for (const run of runs) expect((await run.exit()).code).toBe(0);
  });

  test('one that is killed while it is at it frees it; what it left of the step is ended before', async () => {
    await using rig = await Rig.create();
    const { step, thread } = suite(rig);
    const first = rig.start([]);
    const installing = await step.invocation();
    const second = rig.start([]);
    await second.output(/waits for run/);
    first.kill('SIGKILL');
    const again = await step.invocation();
    await installing.gone;
    await again.exit(0);
    await (await thread.invocation()).exit(0);
    expect((await second.exit()).code).toBe(0);
  });

  test.runIf(isThorough)(
    'it is waited for as long as the step may take, and Ctrl-C ends the wait',
    async () => {
      await using rig = await Rig.create();
      const { step, thread } = suite(rig);
      const first = rig.start([]);
      const installing = await step.invocation();
      const third = rig.start([]);
      await third.output(/waits for run/);
      third.kill('SIGINT');
      expect((await third.exit()).signal).toBe('SIGINT');
      rig.config({
        setup: [{ name: 'install', run: step.line, inputs: ['lock'], timeout: '200ms' }],
        components: { thread: { kind: 'command', run: thread.line } },
      });
      const second = await rig.run([]);
      expect(second.stdout).toMatch(
        new RegExp(`has waited 200 ms, its time limit, for run \\S+ \\(pid ${first.pid}\\)`),
      );
      expect(second.code).toBe(1);
      await installing.exit(0);
      await (await thread.invocation()).exit(0);
      expect((await first.exit()).code).toBe(0);
    },
  );

  test.runIf(isThorough)('a step that runs its own suite does not wait for itself', async () => {
    await using rig = await Rig.create();
    rig.config({
      setup: [{ name: 'install', run: `${process.execPath} ${CLI}` }],
      components: { thread: { kind: 'command', run: 'true' } },
    });
    const { code, stdout } = await rig.run([]);
    expect(code).toBe(1);
    expect(stdout).toContain('setup "install" exited with code 1');
    expect(rig.read('.shakedown/latest/logs/setup-1.log')).toMatch(
      /setup "install" is under way in run \S+, which this run is part of/,
    );
  });
});
