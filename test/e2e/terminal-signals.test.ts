/** The keys of a terminal that are signals, in a real one: Ctrl-C, Ctrl-Z and `fg`, Ctrl-\, and the terminal that goes away. */
import { describe, expect, test } from 'vitest';
import { readProcess } from '../../src/process/system/proc.ts';
import { type Invocation, Rig, type ShakedownRun } from '../rig/rig.ts';
import { componentOf, JSON_REPORT } from '../rig/services.ts';
import { isThorough } from '../rig/thorough.ts';

const CTRL_C = '\x03';
const CTRL_Z = '\x1a';
const CTRL_BACKSLASH = '\x1c';
const SIZE = { rows: 30, columns: 100 };
const PLAIN = { NO_COLOR: '1' };

/** Whether the cursor is shown and long lines are wrapped, after all that a terminal was sent. */
function isSane(sent: string): boolean {
  const last = (on: string, off: string): boolean => sent.lastIndexOf(on) >= sent.lastIndexOf(off);
  return last('\x1b[?25h', '\x1b[?25l') && last('\x1b[?7h', '\x1b[?7l');
}

/** The spinner of the live view. */
const FRAME = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;
const HIDE_CURSOR = '\x1b[?25l';

/** A shell with job control: it tells when the program has stopped, waits for a line, and then does what it is told. */
const thenAfterStop = (command: string) => (program: string) =>
  `set -m; ${program}; echo "stopped with $?"; read -r line; ${command}; echo "ended with $?"`;

async function running(
  rig: Rig,
  options: { component?: object; script?: (program: string) => string } = {},
): Promise<{ run: ShakedownRun; thread: Invocation }> {
  const command = rig.command();
  rig.config({ components: { thread: { kind: 'command', run: command.line, ...options.component } } });
  const run = rig.startInTerminal([...JSON_REPORT], PLAIN, SIZE, options.script);
  const thread = await command.invocation();
  await run.output(FRAME);
  return { run, thread };
}

const stateOf = ({ pid }: { readonly pid: number }): string => readProcess(pid)?.state ?? 'gone';

/** Presses a key again and again, as an impatient person does, until the program says something. */
async function insist(run: ShakedownRun, key: string, answer: RegExp): Promise<void> {
  const timer = setInterval(() => run.type(key), 10);
  await run.output(answer);
  clearInterval(timer);
}

describe('Ctrl-C', () => {
  test('once: the terminal is as it was, and the code is that of the signal', async () => {
    await using rig = await Rig.create();
    const { run, thread } = await running(rig);
    run.type(CTRL_C);
    await thread.gone;
    const { code, stdout } = await run.exit();
    expect(code).toBe(130);
    expect(stdout).toContain('SIGINT stopping thread');
    expect(stdout).toContain(HIDE_CURSOR);
    expect(isSane(stdout)).toBe(true);
    expect(rig.alive()).toEqual([]);
  });

  test('twice: the terminal is as it was although all is killed', async () => {
    await using rig = await Rig.create();
    const { run, thread } = await running(rig);
    await thread.ignore('SIGTERM');
    run.type(CTRL_C);
    await thread.signal('SIGTERM');
    await insist(run, CTRL_C, /again: killing what is left/);
    await thread.gone;
    const { code, stdout } = await run.exit();
    expect(code).toBe(130);
    expect(isSane(stdout)).toBe(true);
    expect(rig.alive()).toEqual([]);
  });
});

describe('Ctrl-Z', () => {
  test('stops all that runs, wherever it has gone, and leaves the terminal to the shell; `fg` has it go on', async () => {
    await using rig = await Rig.create();
    const daemon = rig.command();
    const { run, thread } = await running(rig, { script: thenAfterStop('fg') });
    await thread.daemon(daemon);
    const other = await daemon.invocation();
    run.type(CTRL_Z);
    await run.output(/stopped with 1\d\d/);
    // They have been sent the signal; a busy kernel may take a moment.
    await expect.poll(() => [thread, other].map(stateOf)).toEqual(['T', 'T']);
    const [before = ''] = run.stdout.split('stopped with');
    expect(isSane(before)).toBe(true);

    run.type('\n');
    await run.output(/resumed after/);
    // Both answer, so both go on.
    await other.exit(0);
    await thread.print('here again\n');
    await run.output(/here again/);
    const [, after = ''] = run.stdout.split('stopped with');
    expect(after).toContain(HIDE_CURSOR);
    await thread.exit(0);
    const { stdout } = await run.exit();
    expect(stdout).toContain('ended with 0');
    expect(isSane(stdout)).toBe(true);
    expect(rig.report().verdict).toBe('passed');
  });

  test.runIf(isThorough)(
    'the time that it takes counts for nothing: no limit, no SLOW, no duration',
    async () => {
      const limit = 3000;
      await using rig = await Rig.create();
      const { run, thread } = await running(rig, {
        component: { timeout: `${limit}ms`, slow: `${limit - 1}ms` },
        script: thenAfterStop('fg'),
      });
      run.type(CTRL_Z);
      await run.output(/stopped with 1\d\d/);
      const stoppedAt = performance.now();
      // However much longer this lasts, it changes nothing.
      await new Promise((resolve) => setTimeout(resolve, limit + 500));
      run.type('\n');
      await run.output(/resumed after/);
      const stoppedMs = performance.now() - stoppedAt;
      await thread.exit(0);
      await run.exit();

      const report = rig.report();
      expect(componentOf(report, 'thread')).toMatchObject({ verdict: 'passed', slow: false, findings: [] });
      expect(componentOf(report, 'thread').durationMs).toBeLessThan(limit);
      const resumed = run.journal().find(({ type }) => type === 'resumed');
      expect(resumed).toMatchObject({ type: 'resumed', stoppedMs: expect.any(Number) });
      if (resumed?.type !== 'resumed') return;
      expect(resumed.stoppedMs).toBeGreaterThan(limit);
      expect(resumed.stoppedMs).toBeLessThanOrEqual(stoppedMs + limit);
      expect(run.journal().at(-1)?.elapsedMs).toBeLessThan(limit);
    },
  );

  test('and `bg`: it goes on, and does not draw over what the shell shows', async () => {
    await using rig = await Rig.create();
    const { run, thread } = await running(rig, { script: thenAfterStop('bg; wait') });
    run.type(CTRL_Z);
    await run.output(/stopped with 1\d\d/);
    run.type('\n');
    await run.output(/resumed after/);
    await thread.print('Traceback (most recent call last):\nValueError: in the background\n');
    await thread.exit(0);
    const { stdout } = await run.exit();
    const [, after = ''] = stdout.split('resumed after');
    expect(after).toContain('ValueError: in the background');
    expect(after).not.toMatch(FRAME);
    expect(after).not.toContain(HIDE_CURSOR);
  });

  test('then a signal: all is ended', async () => {
    await using rig = await Rig.create();
    const { run, thread } = await running(rig, { script: thenAfterStop('kill %1; fg') });
    run.type(CTRL_Z);
    await run.output(/stopped with 1\d\d/);
    run.type('\n');
    await thread.gone;
    const { stdout } = await run.exit();
    expect(stdout).toContain('SIGTERM stopping thread');
    expect(stdout).toContain('ended with 143');
    expect(rig.alive()).toEqual([]);
  });

  test('where no shell could have it go on, nothing happens', async () => {
    await using rig = await Rig.create();
    const { run, thread } = await running(rig);
    run.type(CTRL_Z);
    await run.output(/resumed after/);
    await thread.exit(0);
    expect((await run.exit()).code).toBe(0);
  });
});

test('started in the background it hides no cursor and draws no live view', async () => {
  await using rig = await Rig.create();
  const command = rig.command();
  rig.config({ components: { thread: { kind: 'command', run: command.line } } });
  const run = rig.startInTerminal([], PLAIN, SIZE, (program) => `set -m; ${program} & wait`);
  const thread = await command.invocation();
  await thread.print('a line to show\n');
  await thread.exit(0);
  const { stdout } = await run.exit();
  expect(stdout).toContain('✓ thread');
  expect(stdout).not.toContain(HIDE_CURSOR);
  expect(stdout).not.toMatch(FRAME);
});

test('Ctrl-\\ has it say what runs, and go on', async () => {
  await using rig = await Rig.create();
  const child = rig.command();
  const { run, thread } = await running(rig);
  const childPid = await thread.child(child);
  await thread.print('one\ntwo\n');
  run.type(CTRL_BACKSLASH);
  await run.output(/thread is running:/);
  await run.output(/│ two/);
  const [, told = ''] = run.stdout.split('thread is running:');
  expect(told).toMatch(new RegExp(`│ \\S.*\\(pid ${thread.pid}\\): \\w+, .* of CPU in`));
  expect(told).toMatch(new RegExp(`│ {3}\\S.*\\(pid ${childPid}\\): \\w+, .* of CPU in`));
  expect(run.journal().find(({ type }) => type === 'running')).toMatchObject({
    components: [
      {
        component: 'thread',
        running: [{ pid: thread.pid }, { pid: childPid, parent: thread.pid }],
        lastLines: ['one', 'two'],
      },
    ],
  });
  await (await child.invocation()).exit(0);
  await thread.exit(0);
  const { code, stdout } = await run.exit();
  expect(code).toBe(0);
  expect(isSane(stdout)).toBe(true);
});

describe('when its terminal goes away', () => {
  test('all is ended, and the reports are written', async () => {
    await using rig = await Rig.create();
    const { run, thread } = await running(rig);
    await thread.ignore('SIGTERM');
    run.kill('SIGKILL');
    await thread.signal('SIGTERM');
    // It is still there, and writes to a terminal that is not.
    await thread.print('x\n'.repeat(1000));
    await thread.exit(0);
    await expect.poll(() => run.journal().at(-1), { timeout: 10_000 }).toMatchObject({ exitCode: 129 });
    // Until it is written, after the last event, it says what would be known of a run that was killed.
    await expect
      .poll(() => rig.report(), { timeout: 10_000 })
      .toMatchObject({ verdict: 'inconclusive', exitCode: 129 });
    expect(rig.alive()).toEqual([]);
  });

  test('while it is stopped: all goes on, and is ended', async () => {
    await using rig = await Rig.create();
    const { run, thread } = await running(rig, { script: thenAfterStop('fg') });
    run.type(CTRL_Z);
    await run.output(/stopped with 1\d\d/);
    run.kill('SIGKILL');
    await thread.gone;
    await expect.poll(() => run.journal().at(-1), { timeout: 10_000 }).toMatchObject({ exitCode: 129 });
    expect(rig.alive()).toEqual([]);
  });
});
