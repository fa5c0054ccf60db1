/** Which run was the last of a suite, and what it has failed. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunEvent } from '../../../src/core/event.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { readProcess } from '../../../src/process/system/proc.ts';
import { addToHistory } from '../../../src/store/history.ts';
import { lastRun } from '../../../src/store/last-run.ts';
import { whereabouts } from '../../../src/store/life.ts';
import { failuresOf, RunLineFold } from '../../../src/store/run-line.ts';
import { inState, type StateFolder } from '../../../src/store/state-folder.ts';
import { begin, end, finished, stamp, started } from '../report/runs.ts';

let root = '/';
let state: StateFolder;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'last-run-'));
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

const last = (suite = SUITE) => lastRun(root, suite);

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

describe('what a run has failed', () => {
  const NAMES = ['a', 'b', 'c'];
  test.each<[what: string, events: RunEvent[], failures: string[]]>([
    ['nothing', [...ran('a', 'passed'), ...ran('b', 'passed'), finished('passed', 0)], []],
    [
      'one, and what came after it was left out',
      [...ran('a', 'passed'), ...ran('b', 'failed'), skipped('c'), finished('failed', 1)],
      ['b'],
    ],
    [
      'some, and some came to no verdict',
      [...ran('a', 'failed'), ...ran('b', 'inconclusive'), ...ran('c', 'passed'), finished('failed', 1)],
      ['a', 'b'],
    ],
    ['the setup, so that nothing ran', [...NAMES.map(skipped), finished('failed', 1)], NAMES],
    [
      'none of them, but a process was left behind',
      [...NAMES.flatMap((name) => ran(name, 'passed')), finished('failed', 1)],
      NAMES,
    ],
    [
      'interrupted in the middle',
      [...ran('a', 'passed'), ...ran('b', 'inconclusive'), skipped('c'), finished('inconclusive', 130)],
      ['b'],
    ],
    ['interrupted before anything ran', [...NAMES.map(skipped), finished('skipped', 130)], NAMES],
    ['killed while one ran', [...ran('a', 'passed'), ...begin('b')], ['b']],
    ['killed after one had failed', [...ran('a', 'failed'), ...begin('b')], ['a', 'b']],
    ['killed in the setup', [{ type: 'setup-started', step: 'npm ci' }], NAMES],
    [
      'one that was flaky',
      [...begin('a'), end('a', 'passed', { flaky: true, attempts: 2 }), finished('passed', 0)],
      [],
    ],
  ])('%s', (_, events, failures) => {
    const line = lineOf([start(1, NAMES), ...events]);
    expect(line && failuresOf(line)).toEqual(failures);
  });

  test('holds what was to be run again and was left out once more', () => {
    const again = start(1, NAMES, { rerunOf: idOf(0) });
    const line = lineOf([
      again,
      ...ran('a', 'failed'),
      skipped('b'),
      ...ran('c', 'passed'),
      finished('failed', 1),
    ]);
    expect(line && failuresOf(line)).toEqual(['a', 'b']);
  });
});
