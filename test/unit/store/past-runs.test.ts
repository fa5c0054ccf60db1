/** Which runs there were of a suite, and what has not passed since. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunEvent } from '../../../src/core/event.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { readProcess } from '../../../src/process/system/proc.ts';
import { dueAfter } from '../../../src/store/due.ts';
import { addToHistory } from '../../../src/store/history.ts';
import { whereabouts } from '../../../src/store/life.ts';
import { pastRuns } from '../../../src/store/past-runs.ts';
import { type RunLine, RunLineFold } from '../../../src/store/run-line.ts';
import { inState, type StateFolder } from '../../../src/store/state-folder.ts';
import { begin, end, finished, stamp, started } from '../report/runs.ts';

let root = '/';
let state: StateFolder;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'past-runs-'));
  vi.stubEnv('TMPDIR', root);
  state = inState(root, (made) => made).value;
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

const DEAD = { pid: 4_194_305, startTicks: 1 };
const ALIVE = { pid: process.pid, startTicks: readProcess(process.pid)?.startTicks };
const SUITE = 'shakedown.config.json';
const idOf = (number: number): string => `20260105-0245${String(number).padStart(2, '0')}-abcde`;

type Start = Partial<Omit<Extract<RunEvent, { type: 'run-started' }>, 'type'>>;

const start = (number: number, names: readonly string[], over: Start = {}): RunEvent =>
  started(
    names.map((name) => ({ name, kind: 'command' })),
    {
      ...{ run: idOf(number), root, isCompared: true },
      source: { type: 'config', file: join(root, SUITE) },
      startedAt: new Date(Date.UTC(2026, 0, 5, 2, 45, number)).toISOString(),
      ...over,
    },
  );

const ran = (name: string, verdict: Exclude<Verdict, 'skipped'>): RunEvent[] => [
  ...begin(name),
  end(name, verdict),
];
const skipped = (component: string): RunEvent => ({
  ...{ type: 'component-skipped', component, kind: 'command', reason: 'the setup failed' },
});

/** Leaves the folder of a run; with a runner, one that has not finished. */
function journal(
  number: number,
  events: readonly RunEvent[],
  { runner, purpose }: { runner?: object; purpose?: string } = {},
): void {
  const path = join(state.runs, idOf(number));
  mkdirSync(path, { mode: 0o700 });
  writeFileSync(
    join(path, 'journal.ndjson'),
    stamp(events)
      .map((event) => `${JSON.stringify(event)}\n`)
      .join(''),
  );
  if (runner !== undefined)
    writeFileSync(
      join(path, 'runner.json'),
      JSON.stringify({ run: idOf(number), ...whereabouts(), group: null, ...runner }),
    );
  if (purpose !== undefined) writeFileSync(join(path, 'purpose'), purpose);
}

/** Writes a run down in the history. */
function keep(events: readonly RunEvent[]): void {
  const line = lineOf(events);
  if (line !== undefined) addToHistory(state, line);
}

function lineOf(events: readonly RunEvent[]) {
  const fold = new RunLineFold();
  for (const event of events) fold.take(event);
  return fold.line();
}

const last = () => pastRuns(root, SUITE).at(-1);

const first = (): RunEvent[] => [
  start(1, ['a', 'b']),
  ...ran('a', 'passed'),
  ...ran('b', 'failed'),
  finished('failed', 1),
];

describe('the last run', () => {
  test('is not there before the first', () => {
    expect(last()).toBeUndefined();
    rmSync(join(root, '.shakedown'), { recursive: true });
    expect(last()).toBeUndefined();
  });

  test('is the last in the history, also when no folder of a run is left', () => {
    keep(first());
    keep([start(2, ['a']), ...ran('a', 'passed'), finished('passed', 0)]);
    expect(last()).toMatchObject({ run: idOf(2), verdict: 'passed' });
  });

  test('is one that was killed, of which only the journal tells', () => {
    keep(first());
    journal(1, first());
    journal(2, [start(2, ['a', 'b']), ...begin('a')], { runner: DEAD });
    expect(last()).toMatchObject({ run: idOf(2), verdict: 'inconclusive' });
    // The next run, or `sweep`, clears up after it.
    rmSync(join(state.runs, idOf(2), 'runner.json'));
    expect(last()).toMatchObject({ run: idOf(2) });
  });

  test('is one that the history lacks, since the disk was full', () => {
    keep(first());
    journal(2, [start(2, ['a']), ...ran('a', 'failed'), finished('failed', 1)]);
    expect(last()).toMatchObject({ run: idOf(2), verdict: 'failed' });
  });

  test('of two in the same second is the later one', () => {
    keep([
      start(1, ['a'], { run: '20260105-024501-zzzzz', startedAt: '2026-01-05T02:45:01.100Z' }),
      finished('passed', 0),
    ]);
    journal(1, [start(1, ['a'], { startedAt: '2026-01-05T02:45:01.200Z' }), ...begin('a')], { runner: DEAD });
    expect(last()?.run).toBe(idOf(1));
  });

  test.each<[what: string, events: () => RunEvent[], more: object]>([
    ['one that goes on', () => [start(2, ['a']), ...begin('a')], { runner: ALIVE }],
    [
      'a proof, and one that is watched',
      () => [started([], { run: idOf(2), root }), ...ran('a', 'failed')],
      {},
    ],
    ['one of `up`', () => [start(2, ['a'])], { purpose: 'up' }],
    ['one of a service', () => [start(2, ['a'])], { purpose: 'service' }],
    [
      'one of another suite',
      () => [start(2, ['a'], { source: { type: 'convention', dir: join(root, 'tests') } })],
      {},
    ],
    ['one without a beginning', () => [], {}],
  ])('is not %s', (_, events, more) => {
    keep(first());
    journal(2, events(), more);
    expect(last()?.run).toBe(idOf(1));
  });

  test('is not one that somebody else has put there', () => {
    keep(first());
    mkdirSync(join(root, 'elsewhere'));
    symlinkSync(join(root, 'elsewhere'), join(state.runs, idOf(2)));
    expect(last()?.run).toBe(idOf(1));
  });
});

test('a killed run is known although others came after it', () => {
  journal(1, [start(1, ['a', 'b'])], { runner: DEAD });
  keep([start(2, ['a']), ...ran('a', 'passed'), finished('passed', 0)]);
  expect(pastRuns(root, SUITE).map(({ run }) => run)).toEqual([idOf(1), idOf(2)]);
});

describe('a journal that is damaged, or that somebody has made up,', () => {
  const stamped = { type: 'run-started', elapsedMs: 0 };
  const sound = () => stamp([start(2, ['a'])])[0];
  test.each<[what: string, lines: () => readonly unknown[]]>([
    ['has lines that are no events', () => [null, 1, [], 'x', { type: 'run-started' }, { elapsedMs: 0 }]],
    ['says nothing in an event', () => [stamped, { type: 'component-finished', elapsedMs: 0 }]],
    [
      'says it of no components',
      () => [
        { ...sound(), components: [null] },
        { ...sound(), components: {} },
      ],
    ],
    [
      'names no suite',
      () => [
        { ...sound(), root: undefined },
        { ...sound(), source: {} },
      ],
    ],
    ['has a start at no time', () => [{ ...sound(), startedAt: 5 }]],
    ['has a run without a name', () => [{ ...sound(), run: null }]],
  ])('is no run if it %s', (_, lines) => {
    keep(first());
    journal(2, []);
    const text = lines().map((line) => `${JSON.stringify(line)}\n`);
    writeFileSync(join(state.runs, idOf(2), 'journal.ndjson'), text.join(''));
    expect(last()?.run).toBe(idOf(1));
  });

  test('tells what its sound lines do', () => {
    journal(2, [start(2, ['a', 'b']), ...ran('a', 'passed')]);
    const path = join(state.runs, idOf(2), 'journal.ndjson');
    writeFileSync(path, `null\n${readFileSync(path, 'utf8')}{"type":"component-fin`);
    expect(dueAfter(pastRuns(root, SUITE))).toEqual([{ name: 'b', run: idOf(2), hasFailed: false }]);
  });
});

describe('what is to be run again after a run that', () => {
  const NAMES = ['a', 'b', 'c'];
  const names = (...lines: (RunLine | undefined)[]): string[] =>
    dueAfter(lines.flatMap((line) => line ?? [])).map(({ name }) => name);
  test.each<[what: string, events: RunEvent[], failures: string[]]>([
    [
      'has failed nothing',
      [...ran('a', 'passed'), ...ran('b', 'passed'), ...ran('c', 'passed'), finished('passed', 0)],
      [],
    ],
    [
      'has failed one, and left out what came after it',
      [...ran('a', 'passed'), ...ran('b', 'failed'), skipped('c'), finished('failed', 1)],
      ['b', 'c'],
    ],
    [
      'has failed one after it had left out another',
      [skipped('a'), ...ran('b', 'failed'), finished('failed', 1)],
      ['b', 'a', 'c'],
    ],
    [
      'has failed some, and some came to no verdict',
      [...ran('a', 'failed'), ...ran('b', 'inconclusive'), ...ran('c', 'passed'), finished('failed', 1)],
      ['a', 'b'],
    ],
    ['has failed the setup, so that nothing ran', [...NAMES.map(skipped), finished('failed', 1)], NAMES],
    [
      'has failed none of them, but a process was left behind',
      [...NAMES.flatMap((name) => ran(name, 'passed')), finished('failed', 1)],
      NAMES,
    ],
    [
      'was interrupted in the middle',
      [...ran('a', 'passed'), ...ran('b', 'inconclusive'), skipped('c'), finished('inconclusive', 130)],
      ['b', 'c'],
    ],
    ['was interrupted before anything ran', [...NAMES.map(skipped), finished('skipped', 130)], NAMES],
    ['was killed while one ran', [...ran('a', 'passed'), ...begin('b')], ['b', 'c']],
    ['was killed after one had failed', [...ran('a', 'failed'), ...begin('b')], ['a', 'b', 'c']],
    ['was killed before the next one', ran('a', 'passed'), ['b', 'c']],
    ['was killed in the setup', [{ type: 'setup-started', step: 'npm ci' }], NAMES],
    [
      'has passed one on a retry',
      [
        ...begin('a'),
        end('a', 'passed', { flaky: true, attempts: 2 }),
        ...ran('b', 'passed'),
        ...ran('c', 'passed'),
        finished('passed', 0),
      ],
      [],
    ],
  ])('%s', (_, events, failures) => {
    const line = lineOf([start(1, NAMES), ...events]);
    expect(names(line)).toEqual(failures);
  });

  test('leaves out what had not passed before', () => {
    const before = lineOf([
      ...[start(1, NAMES), ...ran('a', 'passed'), ...ran('b', 'failed'), ...ran('c', 'failed')],
      finished('failed', 1),
    ]);
    const selected = lineOf([start(2, ['a']), ...ran('a', 'passed'), finished('passed', 0)]);
    expect(names(before, selected)).toEqual(['b', 'c']);
    const again = lineOf([
      start(3, ['b'], { rerunOf: idOf(2) }),
      ...ran('b', 'passed'),
      finished('passed', 0),
    ]);
    expect(names(before, selected, again)).toEqual(['c']);
    const whole = lineOf([
      ...[start(4, NAMES), ...NAMES.flatMap((name) => ran(name, 'passed'))],
      finished('passed', 0),
    ]);
    expect(names(before, selected, again, whole)).toEqual([]);
  });

  test('left out once more what had failed: the failure stays what it was', () => {
    const before = lineOf([
      start(1, NAMES),
      ...NAMES.flatMap((name) => ran(name, 'failed')),
      finished('failed', 1),
    ]);
    const again = lineOf([
      ...[start(2, NAMES, { rerunOf: idOf(1) }), ...ran('a', 'failed'), skipped('b'), ...ran('c', 'passed')],
      finished('failed', 1),
    ]);
    const due = dueAfter([before, again].flatMap((line) => line ?? []));
    expect(due).toEqual([
      { name: 'a', run: idOf(2), hasFailed: true },
      { name: 'b', run: idOf(1), hasFailed: true },
    ]);
  });
});
