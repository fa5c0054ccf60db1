/** The matrix of a module's trial, as reports show it. */
import { expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { verdictOf } from '../../../src/kinds/index.ts';
import { cellPlans } from '../../../src/kinds/threads/cells.ts';
import type { Failure } from '../../../src/kinds/threads/failure.ts';
import { moduleGrid, type TriedCell } from '../../../src/kinds/threads/grid.ts';
import type { Operation, Survey } from '../../../src/kinds/threads/protocol.ts';
import { type PythonTried, pythonGrid } from '../../../src/kinds/threads/python-grid.ts';

const operation = (label: string, repeatable: boolean): Operation => ({
  ...{ name: label, label, shared: false, mutates: false, repeatable },
});

const SURVEY: Survey = {
  operations: [operation('sum(200)', true), operation('now()', false)],
  ...{ url: '', missing: [], functions: [], values: '', keepsAlive: false, failure: null },
};
const PLANS = cellPlans({ extent: 'whole', iterations: 2_000, workers: 2 }, SURVEY, 7);
const [FIRST, SECOND, ...OTHERS] = PLANS;
if (FIRST === undefined || SECOND === undefined) throw new Error('there are many cells');

const fine = (plan: TriedCell['plan'], findings: readonly Finding[] = []): TriedCell => ({
  ...{ plan, failure: undefined, findings, calls: plan.calls * plan.workers },
});
const failure: Failure = {
  ...{ code: 'thread-crash', plan: SECOND, exit: { code: null, signal: 'SIGSEGV' }, cause: 'x' },
  ...{
    what: 'crashed while it made calls',
    worker: 1,
    operation: 0,
    output: ['Fatal'],
    mismatches: [],
    wrong: 0,
  },
  threads: [
    { phase: 'leaving', operation: null, calls: 0 },
    { phase: 'calling', operation: 0, calls: 1_234 },
  ],
};
const CRASH: Finding = {
  code: 'thread-crash',
  message: 'sum.mjs crashed (1 of 30 cells)',
  evidence: ['of the first cell'],
  hint: 'the same again: shakedown it --seed 7',
  exitCode: null,
  signal: 'SIGSEGV',
};
const EMPTY: Finding = { code: 'control-failed', message: 'empty workers fail, too', cells: [] };
const failed: TriedCell = { plan: SECOND, failure, findings: [], calls: 0 };
const of = (tried: readonly TriedCell[], finding: Finding) =>
  moduleGrid('sum.mjs', PLANS, tried, [{ alike: [failure], finding }], SURVEY, { verdictOf });

test('a cell that went well says what was tried there', () => {
  const { cells, rows, columns, title } = of(
    [fine(FIRST), failed, ...OTHERS.map((plan) => fine(plan))],
    CRASH,
  );
  expect(title).toBe('sum.mjs in 2 worker threads');
  expect(rows).toHaveLength(6);
  expect(columns).toEqual(['natural', 'terminate', 'process-exit', 'throw', 'rejection']);
  expect(cells).toHaveLength(30);
  expect(cells[0]).toEqual({
    row: 'worker-only, idle at the end',
    column: 'natural',
    outcome: 'passed',
    text: '4,000 calls by 2 workers',
    detail: ['seed 7', 'compared with a serial run: sum(200)', 'called, but not compared: now()'],
  });
});

test('a cell that failed says where its own threads stood, and what was found out about the cause', () => {
  expect(of([fine(FIRST), failed], CRASH).cells[1]).toEqual({
    row: 'main-first, idle at the end',
    column: 'natural',
    outcome: 'failed',
    text: 'crashed while it made calls',
    detail: [
      'thread-crash, with seed 7',
      'main thread: leaving',
      'worker 1: calling sum(200), 1,234 calls made',
      'Fatal',
      'thread-crash: sum.mjs crashed (1 of 30 cells)',
      'the same again: shakedown it --seed 7',
    ],
  });
});

test('a cell that says nothing since its control failed is inconclusive', () => {
  expect(of([failed], EMPTY).cells[1]?.outcome).toBe('inconclusive');
});

test('a cell whose process left something behind fails by that', () => {
  const left: Finding = { code: 'leaked-process', message: 'left 1 process', processes: [], count: 1 };
  expect(of([fine(FIRST, [left])], CRASH).cells[0]).toMatchObject({
    outcome: 'failed',
    text: 'left 1 process',
  });
});

test('cells that were not reached are told from those that went well', () => {
  const { cells } = of([fine(FIRST), failed], CRASH);
  expect(cells.slice(2).every(({ outcome }) => outcome === 'skipped')).toBe(true);
});

test('of half of the cells the others are empty', () => {
  const plans = cellPlans({ extent: 'pairs', iterations: 100, workers: 2 }, SURVEY, 1);
  const { cells, rows, columns } = moduleGrid(
    'sum.mjs',
    plans,
    plans.map((plan) => fine(plan)),
    [],
    SURVEY,
    {
      verdictOf,
    },
  );
  expect([cells.length, rows.length, columns.length]).toEqual([15, 6, 5]);
});

test('a module that is only loaded says so', () => {
  const survey = { ...SURVEY, operations: [] };
  const plans = cellPlans({ extent: 'whole', iterations: null, workers: 4 }, survey, 1);
  const { cells } = moduleGrid(
    'a.mjs',
    plans,
    plans.map((plan) => fine(plan)),
    [],
    survey,
    { verdictOf },
  );
  expect(cells[0]).toMatchObject({ text: '4 workers loaded it', detail: ['nothing was called'] });
});

test('a function in Python: how it was called, by which interpreter', () => {
  const wrong: Finding = { code: 'wrong-result', message: 'f gave 7', count: 1 };
  const lock: Finding = { code: 'gil-enabled', message: 'the lock is back on', module: null };
  const common = {
    name: 'm:f',
    interpreter: '/usr/bin/python3',
    threads: 8,
    rounds: 50,
    calls: 400,
    alone: [],
  };
  const shown = (tried: PythonTried) =>
    pythonGrid(tried, { verdictOf }).cells.map(({ row, column, outcome, text }) =>
      [row, column, outcome, text].join(': '),
    );
  expect(shown({ ...common, together: [], often: [], free: undefined })).toEqual([
    'alone: python3: passed: loaded, and called one call after another',
    'from 8 threads: python3: passed: 400 calls in 50 rounds',
    'over and over: python3: passed: memory does not grow',
  ]);
  const free = { build: 'python3.14t', findings: [lock] };
  expect(shown({ ...common, together: [wrong], often: null, free })).toEqual([
    'alone: python3: passed: loaded, and called one call after another',
    'from 8 threads: python3: failed: f gave 7',
    'over and over: python3: skipped: not looked at for leaks, since it failed before',
    'alone: python3.14t: failed: the lock is back on',
  ]);
});
