/** The plain output of whole runs, as it stands in a log. */
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/core/event.ts';
import { advance, INITIAL_STATE } from '../../../src/report/state.ts';
import { detailLines } from '../../../src/report/terminal/detail-lines.ts';
import { linesOf, stillRunning } from '../../../src/report/terminal/lines.ts';
import { createPaint } from '../../../src/text/paint.ts';
import {
  begin,
  COMPARED,
  CRASH,
  CUT,
  EXIT,
  end,
  FAILED,
  FLAKY,
  finished,
  fold,
  found,
  INTERRUPTED,
  NOTHING_RAN,
  PASSED,
  PROOF,
  ROOT,
  RUNS,
  SETUP_FAILED,
  STUCK,
  stamp,
  started,
  step,
} from './runs.ts';

function print(run: readonly RunEvent[], colored = false, cwd = ROOT): string {
  const options = { paint: createPaint(colored), cwd };
  let state = INITIAL_STATE;
  const lines: string[] = [];
  for (const event of stamp(run)) {
    state = advance(state, event);
    lines.push(...linesOf(event, state, options));
  }
  return lines.join('\n');
}

describe('the output of a run', () => {
  test('that passed', () => {
    expect(print(PASSED)).toMatchInlineSnapshot(`
      "shakedown 0.1.0 · integration · PYTHONMALLOC=debug · ownership: finders

        ⚙ setup               npm ci: unchanged, not run again
        ⚙ setup       1.23 s
        ✓ thread      1.23 s
        ✓ http        300 ms  ready after 42 ms on port 8001
        ✓ typestubs   1m 01s  run 85 ms, mypy 1m 01s
        ✓ init        150 ms

      PASSED  4 passed in 1m 02s"
    `);
  });

  test('that proved components', () => {
    expect(print(PROOF)).toMatchInlineSnapshot(`
      "shakedown 0.1.0 · integration · PYTHONMALLOC=debug · ownership: finders

        ✓ http        150 ms
        ✓ init        150 ms
        init      control   ? no proof    it passes as it is, but not with the instruments in place and no fault: init exited with code 1
                  │ port 8001 expected
                  → see its log
        http      status-500         ✗ BLIND       every answer was 500 (1,204 of 1,204), and client passed
                  → have the client check the status
                  log: .shakedown/runs/20260105-024534-x/logs/http~status-500.log
        http      truncated-body     ✓ proved      client exited with code 1: JSONDecodeError
        http      server-dies        ✓ proved      server was killed by SIGKILL (noticed by Shakedown, not by the check)
        http      dumps wrong-result ○ not reached dumps was never called
                  → call it

      PROVED  2 of 3; 1 blind, 1 more not reached in 2.35 s
        http status-500: every answer was 500 (1,204 of 1,204), and client passed
        init control: it passes as it is, but not with the instruments in place and no fault: init exited with code 1
        more: shakedown explain blind instrument-disturbs"
    `);
  });

  test('that proved what there was', () => {
    const skipped = {
      type: 'component-skipped',
      component: 'thread',
      kind: 'command',
      reason: 'none',
    } as const;
    expect(print([...PROOF.slice(0, 1), skipped, ...PROOF.slice(1)])).toContain(
      'PROVED  2 of 3; 1 blind, 1 more not reached in',
    );
  });

  test('that proved before what it shows', () => {
    const before = PROOF.map((event) =>
      event.type === 'trial-judged'
        ? { ...event, judgement: { ...event.judgement, isRemembered: true as const } }
        : event,
    );
    expect(print(before)).toContain(
      'http      truncated-body     ✓ proved      as before: client exited with code 1: JSONDecodeError\n',
    );
  });

  test('that proved what its budget allowed', () => {
    const printed = print(CUT);
    expect(printed).toContain('http      reset       ? not tried   the budget was used up before its turn');
    expect(printed).toContain('http      slow        ○ skipped     left out: the budget was used up');
    expect(printed).toContain('http reset and 1 more: the budget was used up before its turn');
    expect(printed.match(/before its turn/g)).toHaveLength(3);
  });

  test('that failed', () => {
    expect(print(FAILED)).toMatchInlineSnapshot(`
      "shakedown 0.1.0 · integration · PYTHONMALLOC=debug · ownership: finders

        ✗ thread      150 ms  thread has ended and left 1 process behind: sleep 30 (pid 4713)
            │ pid 4713, started 1.50 s ago: sleep 30
            → they were stopped; a script must stop, or wait for, what it starts
            forbidden-output: thread printed 450,000 Python tracebacks, although it did not fail: AssertionError: wrong sum
            │ Traceback (most recent call last):
            │ AssertionError: wrong sum
            │ … and 449,999 more like it
            → an exit code of 0 is not trusted alone
            log: .shakedown/runs/20260105-024534-x/logs/thread.log
        ✗ http        150 ms  client exited with code 1: the index has 3 rows, 4 were expected
            │ checking the index
            │ the index has 3 rows, 4 were expected
            log: .shakedown/runs/20260105-024534-x/logs/http.log
        ○ typestubs           skipped: stopped because another component failed
        ○ init                skipped: thread failed
        ! 1 process of this run outlived every component and had to be killed
            │ pid 4714, started 1m 02s ago: python3 app.py

      FAILED  0 passed, 2 failed, 2 skipped in 2.35 s
        thread: thread has ended and left 1 process behind: sleep 30 (pid 4713)
        http: client exited with code 1: the index has 3 rows, 4 were expected
        run: 1 process of this run outlived every component and had to be killed
        more: shakedown explain leaked-process exit-code"
    `);
  });

  test('that was flaky', () => {
    expect(print(FLAKY)).toMatchInlineSnapshot(`
      "shakedown 0.1.0 · integration · ownership: process-group

        ! ended 1 process that an earlier run left when it was killed: ./http (pid 4700)
            │ pid 4700, started 2m 00s ago: ./http
        ↻ http      attempt 1 of 3 failed: client exited with code 1: the index has 3 rows, 4 were expected
        ✓ http        150 ms  FLAKY passed on attempt 2  ready after 7 ms on port 8001
            earlier attempt: client exited with code 1: the index has 3 rows, 4 were expected

      PASSED  1 passed (1 flaky) in 2.35 s
        http: FLAKY, passed on attempt 2; before: client exited with code 1: the index has 3 rows, 4 were expected"
    `);
  });

  test('that fails for being flaky names the log of the attempt that failed', () => {
    const asFailure = FLAKY.map((event) =>
      event.type === 'component-finished' ? { ...event, verdict: 'failed' as const } : event,
    );
    expect(print(asFailure)).toMatch(/log: \S*\/http\.log$/m);
  });

  test('of which everything is told, says of a step without a process that it ended', () => {
    const [, , ended] = stamp(step('http', 'client', 0));
    if (ended?.type !== 'step-finished') throw new Error('no step has ended');
    const told = (exitCode: number | null): string[] =>
      detailLines({ ...ended, exitCode }, INITIAL_STATE, createPaint(false));
    expect(told(null)).toEqual(['  ▸ http client ended after 120 ms']);
    expect(told(0)).toEqual(['  ▸ http client exited with code 0 after 120 ms']);
  });

  test('that is unlike earlier ones', () => {
    expect(print(COMPARED)).toMatchInlineSnapshot(`
      "shakedown 0.1.0 · integration · ownership: finders

        ✓ thread      950 ms  slowest of 7, usually 103 ms
        ✗ http        150 ms  client exited with code 1: the index has 3 rows, 4 were expected
            │ checking the index
            │ the index has 3 rows, 4 were expected
            failed 3 of the last 9 runs
            log: .shakedown/runs/20260105-024534-x/logs/http.log
        ✓ typestubs   150 ms  FLAKY passed on attempt 2  flaky for the first time in 7 runs
        ✓ init        150 ms

      FAILED  3 passed (1 flaky), 1 failed in 2.35 s
        http: client exited with code 1: the index has 3 rows, 4 were expected
        typestubs: FLAKY, passed on attempt 2
        more: shakedown explain exit-code"
    `);
  });

  test('in which nothing ran', () => {
    expect(print(NOTHING_RAN)).toMatchInlineSnapshot(`
      "shakedown 0.1.0 · integration · PYTHONMALLOC=debug · ownership: finders

        ○ http                skipped: there is no executable http in integration

      NOTHING RAN  0 passed, 1 skipped in 5 ms"
    `);
  });

  test('whose setup failed', () => {
    expect(print(SETUP_FAILED)).toMatchInlineSnapshot(`
      "shakedown 0.1.0 · integration · PYTHONMALLOC=debug · ownership: finders

        ✗ setup       900 ms  setup "npm ci" exited with code 1: npm error Missing lock file
            │ npm error code EUSAGE
            │ npm error Missing lock file
            log: .shakedown/runs/20260105-024534-x/logs/setup-1.log
        ○ thread              skipped: the setup failed
        ○ http                skipped: the setup failed

      FAILED  0 passed, 1 failed (setup), 2 skipped in 2.35 s
        setup: setup "npm ci" exited with code 1: npm error Missing lock file
        more: shakedown explain exit-code"
    `);
  });

  test('that was interrupted', () => {
    expect(print(INTERRUPTED)).toMatchInlineSnapshot(`
      "shakedown 0.1.0 · integration · PYTHONMALLOC=debug · ownership: finders

        SIGINT stopping thread; repeat it to kill at once
        SIGINT again: killing what is left
        ? thread      150 ms  thread was interrupted by SIGINT
            log: .shakedown/runs/20260105-024534-x/logs/thread.log
        ○ http                skipped: interrupted

      INCONCLUSIVE  0 passed, 1 inconclusive, 1 skipped in 2.35 s
        thread: thread was interrupted by SIGINT
        more: shakedown explain interrupted"
    `);
  });

  test('that was stuck', () => {
    expect(print(STUCK)).toMatchInlineSnapshot(`
      "shakedown 0.1.0 · integration · PYTHONMALLOC=debug · ownership: finders

        ▸ nothing is running right now
        resumed after 5.00 s, which counts towards no time limit
        SLOW thread has been running for 1m 00s; it will be stopped after 2m 00s
        ▸ thread is running:
            │ ./thread (pid 4711): sleeping, 40 ms of CPU in 1m 00s
            │   python3 worker.py (pid 4712): running, 59.00 s of CPU in 59.90 s
            its last lines:
            │ thread says hello
        ✗ thread      2m 00s  thread did not finish within 2m 00s and was stopped
            │ thread says hello
            │ and waits
            │ running then:
            │   ./thread (pid 4711): sleeping, 40 ms of CPU in 1m 00s
            │     python3 worker.py (pid 4712): running, 59.00 s of CPU in 59.90 s
            │ stacks of pid 4712 (python):
            │   Current thread 0x02 (most recent call first):
            │     File "worker.py", line 2 in <module>
            → raise it with --timeout, or \`timeout\` in the config, if it needs longer
            log: .shakedown/runs/20260105-024534-x/logs/thread.log

      FAILED  0 passed, 1 failed in 2m 00s
        thread: thread did not finish within 2m 00s and was stopped
        more: shakedown explain timeout"
    `);
  });

  test('whose setup was done does not blame it for what failed later', () => {
    const failed = [
      ...PASSED.slice(0, 6),
      ...begin('thread'),
      found('thread', EXIT),
      end('thread', 'failed'),
    ];
    const summary = print([...failed, finished('failed', 1)])
      .split('\n')
      .slice(-3);
    expect(summary).toEqual([
      'FAILED  0 passed, 1 failed, 3 skipped in 2.35 s',
      '  thread: client exited with code 1: the index has 3 rows, 4 were expected',
      '  more: shakedown explain exit-code',
    ]);
  });

  test('that was interrupted while nothing ran', () => {
    const run: RunEvent[] = [
      started([]),
      { type: 'interrupted', signal: 'SIGTERM', again: false, ending: [] },
      finished('inconclusive', 143),
    ];
    expect(print(run)).toMatchInlineSnapshot(`
      "shakedown 0.1.0 · integration · PYTHONMALLOC=debug · ownership: finders

        SIGTERM ending; repeat it to kill at once

      INCONCLUSIVE  0 passed in 2.35 s"
    `);
  });

  test('that was ended by a key, with what it had not started itself', () => {
    const [first = started([])] = [started([])];
    const run: RunEvent[] = [
      { ...first, holds: ['api'] } as RunEvent,
      { type: 'shared-started', shared: 'api', kind: 'external', logFile: '/x/api.log' },
      { type: 'interrupted', signal: 'SIGINT', key: 'q', again: false, ending: ['api'] },
      { type: 'shared-finished', shared: 'api', outcome: 'ended', durationMs: 5, findings: [] },
    ];
    expect(print(run).split('\n').slice(-2)).toEqual([
      '  QUIT stopping api; repeat it to kill at once',
      expect.stringMatching(/^ {2}○ api +5 ms {2}no longer used$/),
    ]);
  });

  test('in which every attempt failed', () => {
    const run: RunEvent[] = [
      started([{ name: 'thread', kind: 'command' }]),
      ...begin('thread'),
      found('thread', CRASH),
      { type: 'component-retrying', component: 'thread', attempt: 1, attempts: 2 },
      ...begin('thread', 'command', 2),
      found('thread', EXIT, 2),
      end('thread', 'failed', { attempts: 2 }),
      finished('failed', 1),
    ];
    expect(print(run)).toMatchInlineSnapshot(`
      "shakedown 0.1.0 · integration · PYTHONMALLOC=debug · ownership: finders

        ↻ thread    attempt 1 of 2 failed: thread printed 450,000 Python tracebacks, although it did not fail: AssertionError: wrong sum
        ✗ thread      150 ms  client exited with code 1: the index has 3 rows, 4 were expected
            │ checking the index
            │ the index has 3 rows, 4 were expected
            log: .shakedown/runs/20260105-024534-x/logs/thread.2.log

      FAILED  0 passed, 1 failed in 2.35 s
        thread: client exited with code 1: the index has 3 rows, 4 were expected
        more: shakedown explain exit-code"
    `);
  });
});

describe('colours', () => {
  test.each(Object.entries(RUNS))('of %s are put on the same text', (_, run) => {
    const plain = print(run);
    const colored = print(run, true);
    expect(plain).not.toContain('\u001b');
    expect(colored).toContain('\u001b[');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(plain);
  });
});

describe('a path', () => {
  test('is shown as it would be typed from here', () => {
    expect(print(FAILED, false, `${ROOT}/.shakedown`)).toContain('log: runs/');
  });

  test('is shown whole when it lies elsewhere', () => {
    expect(print(FAILED, false, '/srv/other')).toContain(`log: ${ROOT}/.shakedown/runs/`);
  });
});

test('a long name does not push the others away', () => {
  const long = 'a'.repeat(40);
  const run: RunEvent[] = [
    started([
      { name: long, kind: 'command' },
      { name: 'b', kind: 'command' },
    ]),
    ...begin(long),
    end(long, 'passed'),
    ...begin('b'),
    end('b', 'passed'),
    finished('passed', 0),
  ];
  const lines = print(run).split('\n');
  expect(lines).toContain(`  ✓ ${long}   150 ms`);
  expect(lines).toContain(`  ✓ ${'b'.padEnd(24)}   150 ms`);
});

describe('what still runs', () => {
  test('is told with its time and its last line', () => {
    const run: RunEvent[] = [
      started([
        { name: 'a', kind: 'command' },
        { name: 'b', kind: 'command' },
        { name: 'c', kind: 'command' },
      ]),
      ...begin('a'),
      ...begin('b'),
      ...step('b', 'b', 0).slice(0, 2),
    ];
    expect(stillRunning(fold(run), 61_020)).toBe('  … running: a 1m 01s, b 1m 01s (b says hello)');
  });

  test('may be a setup step', () => {
    expect(stillRunning(fold(PASSED.slice(0, 5)), 5030)).toBe('  … running: setup "setup" 5.00 s');
  });

  test('may be nothing', () => {
    expect(stillRunning(fold(PASSED), 99_999)).toBeUndefined();
  });
});
