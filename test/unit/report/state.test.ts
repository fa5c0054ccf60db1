import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/core/event.ts';
import { pastOf, tellPast } from '../../../src/core/history.ts';
import type { TestResults } from '../../../src/core/test-results.ts';
import { advance, componentVerdict, INITIAL_STATE, type RunState } from '../../../src/report/state.ts';
import { windowOf } from '../load/results.ts';
import {
  begin,
  CRASH,
  EXIT,
  end,
  FAILED,
  FLAKY,
  finished,
  fold,
  found,
  gridOf,
  INTERRUPTED,
  NOTHING_RAN,
  PASSED,
  ROOT,
  RUNS,
  ready,
  SETUP_FAILED,
  stamp,
  started,
  step,
} from './runs.ts';

const component = (state: RunState, name: string) => {
  const one = state.components.find((each) => each.name === name);
  if (one === undefined) throw new Error(`${name} is not there`);
  return one;
};

const A = started([{ name: 'a', kind: 'command' }]);

describe('a component', () => {
  test('waits, runs and ends', () => {
    const run = [A, ...begin('a'), ...step('a', 'one', 0), ...step('a', 'two', 3), end('a', 'failed')];
    const progress = run.map((_, index) => component(fold(run.slice(0, index + 1)), 'a').progress);
    expect(progress).toEqual([
      { type: 'waiting' },
      { type: 'running', sinceMs: 10, step: '', lastLine: '' },
      { type: 'running', sinceMs: 10, step: 'one', lastLine: '' },
      { type: 'running', sinceMs: 10, step: 'one', lastLine: 'one says hello' },
      { type: 'running', sinceMs: 10, step: 'one', lastLine: 'one says hello' },
      { type: 'running', sinceMs: 10, step: 'two', lastLine: '' },
      { type: 'running', sinceMs: 10, step: 'two', lastLine: 'two says hello' },
      { type: 'running', sinceMs: 10, step: 'two', lastLine: 'two says hello' },
      { type: 'finished', verdict: 'failed', durationMs: 150 },
    ]);
    expect(component(fold(run), 'a').steps).toEqual([
      { name: 'one', command: './one', exitCode: 0, signal: null, durationMs: 120 },
      { name: 'two', command: './two', exitCode: 3, signal: null, durationMs: 120 },
    ]);
  });

  test('that is repeated keeps the notes of earlier passes, each of a kind once', () => {
    const killed = (step: string, message: string) =>
      found('a', { code: 'killed', step, message, processes: [], count: 1 });
    const run = [
      ...[A, ...begin('a', 'command', 1), killed('one', 'first'), killed('two', 'only')],
      ...[...begin('a', 'command', 2), killed('one', 'second')],
      ...[...begin('a', 'command', 3), end('a', 'passed')],
    ];
    expect(component(fold(run), 'a').findings.map(({ message }) => message)).toEqual(['only', 'second']);
  });

  test('keeps of its last attempt the steps, services, log and findings, and of all others the findings', () => {
    const state = component(fold(FLAKY), 'http');
    expect(state).toMatchObject({
      attempts: 2,
      flaky: true,
      findings: [],
      earlier: [EXIT],
      steps: [{ name: 'client', exitCode: 0 }],
      services: [{ name: 'server', port: 8001, readyAfterMs: 7 }],
      logFile: expect.stringMatching(/http\.2\.log$/),
    });
  });

  test('has the single tests of its last attempt only', () => {
    const tests: TestResults = {
      ...{ format: 'pytest', from: null, isComplete: true, cases: [], left: 3 },
      counts: { passed: 2, failed: 1, skipped: 0 },
    };
    const told: RunEvent = { type: 'tests-finished', component: 'a', attempt: 1, tests };
    const first = [A, ...begin('a'), told];
    expect(component(fold(first), 'a').tests).toEqual(tests);
    expect(component(fold([...first, ...begin('a', 'command', 2)]), 'a').tests).toBeNull();
  });

  test('keeps the grids of its last attempt', () => {
    const state = component(
      fold([
        A,
        ...begin('a'),
        gridOf('a', 'first'),
        ...begin('a', 'threads', 2),
        gridOf('a', 'x'),
        gridOf('a', 'y'),
      ]),
      'a',
    );
    expect(state.grids.map(({ title }) => title)).toEqual(['x', 'y']);
  });

  test('remembers every earlier attempt', () => {
    const retry = (attempt: number) =>
      ({ type: 'component-retrying', component: 'a', attempt, attempts: 3 }) as const;
    const run = [
      A,
      ...begin('a'),
      found('a', CRASH),
      retry(1),
      ...begin('a', 'command', 2),
      found('a', EXIT, 2),
      retry(2),
      ...begin('a', 'command', 3),
      found('a', CRASH, 3),
      end('a', 'failed', { attempts: 3 }),
    ];
    expect(component(fold(run), 'a')).toMatchObject({
      earlier: [CRASH, EXIT],
      findings: [CRASH],
      attempts: 3,
    });
  });

  test('has the latest second of its load, and the rates of the last thirty; another attempt begins anew', () => {
    const second = (rate: number): RunEvent => ({
      type: 'load-window',
      component: 'a',
      step: 'client',
      window: windowOf(rate * 1000, { rate: { offered: 100, achieved: rate } }),
      limitMs: null,
    });
    const run = [A, ...begin('a'), ...Array.from({ length: 100 }, (_, rate) => second(rate))];
    const { window, rates } = component(fold(run), 'a');
    expect(window?.atMs).toBe(99_000);
    expect(rates).toEqual(Array.from({ length: 30 }, (_, at) => 70 + at));
    expect(component(fold([...run, ...begin('a', 'command', 2)]), 'a')).toMatchObject({
      window: null,
      rates: [],
    });
  });

  test('that is skipped without having been planned is taken in', () => {
    const state = fold(NOTHING_RAN);
    expect(state.components).toMatchObject([
      {
        name: 'http',
        kind: null,
        progress: { type: 'skipped', reason: 'there is no executable http in integration' },
      },
    ]);
  });

  test('is not touched by what happens to others', () => {
    const run = [
      started([
        { name: 'a', kind: 'command' },
        { name: 'b', kind: 'http' },
      ]),
      ...begin('a'),
      ...begin('b', 'http'),
      ready('b', 'server', 1, 2),
      found('b', EXIT),
      ...step('b', 'client', 1),
      end('b', 'failed'),
    ];
    expect(component(fold(run), 'a')).toEqual(component(fold(run.slice(0, 2)), 'a'));
  });
});

test('a setup step runs and ends, with its last line', () => {
  const states = PASSED.slice(0, 6).map((_, index) => fold(PASSED.slice(0, index + 1)).setup);
  expect(
    states.map((setup) => setup.map(({ name, outcome, lastLine }) => [name, outcome, lastLine])),
  ).toEqual([
    [],
    [['npm ci', 'running', '']],
    [['npm ci', 'cached', '']],
    [
      ['npm ci', 'cached', ''],
      ['setup', 'running', ''],
    ],
    [
      ['npm ci', 'cached', ''],
      ['setup', 'running', 'compiling'],
    ],
    [
      ['npm ci', 'cached', ''],
      ['setup', 'done', 'compiling'],
    ],
  ]);
});

test('what no event told of has come to nothing', () => {
  const verdicts = (state: RunState) =>
    Object.fromEntries(state.components.map((each) => [each.name, componentVerdict(each)]));
  expect(verdicts(fold(FAILED))).toEqual({
    thread: 'failed',
    http: 'failed',
    typestubs: 'skipped',
    init: 'skipped',
  });
  expect(verdicts(fold(FAILED.slice(0, 2)))).toEqual({
    thread: 'inconclusive',
    http: 'skipped',
    typestubs: 'skipped',
    init: 'skipped',
  });
  expect(verdicts(fold(INTERRUPTED))).toEqual({ thread: 'inconclusive', http: 'skipped' });
});

test('the run itself is told once it has ended', () => {
  expect(fold(SETUP_FAILED.slice(0, -1)).finished).toBeNull();
  expect(fold(SETUP_FAILED).finished).toEqual({ verdict: 'failed', exitCode: 1, durationMs: 2345.6789 });
  expect(fold(INTERRUPTED).interrupted).toEqual({ signal: 'SIGINT', again: true });
  expect(fold(FAILED).notes).toMatchObject([{ code: 'leaked-process' }]);
});

describe('the fold', () => {
  test.each(Object.entries(RUNS))('of %s never changes a state that it has given', (_, run) => {
    let state = INITIAL_STATE;
    for (const event of stamp(run)) {
      const before = structuredClone(state);
      const next = advance(deepFreeze(state), event);
      expect(state).toEqual(before);
      state = next;
    }
  });

  test.each(Object.entries(RUNS))('of %s is the same from a journal on disk', (_, run) => {
    const journal = stamp(run).map((event) => JSON.stringify(event));
    const read = journal.map((line) => JSON.parse(line) as ReturnType<typeof stamp>[number]);
    expect(read.reduce(advance, INITIAL_STATE)).toEqual(fold(run));
  });

  test('takes events of components that it does not know of', () => {
    const run = [A, ...begin('ghost'), found('ghost', EXIT), end('ghost', 'failed'), finished('failed', 1)];
    expect(fold(run).components.map(({ name }) => name)).toEqual(['a']);
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}

test('what is known of earlier runs is that of the run that has begun', () => {
  const past = {
    verdict: 'passed',
    durationMs: 20,
    flaky: false,
    rate: null,
    p99Us: null,
    errors: null,
  } as const;
  const runs = [
    { run: '1', startedAt: '2026-01-04T02:45:34.000Z', verdict: 'passed', durationMs: 30 },
    { run: '2', startedAt: '2026-01-04T03:45:34.000Z', verdict: 'skipped', durationMs: 3 },
  ] as const;
  const known: RunEvent = { type: 'history', runs, components: { a: [past, null] } };
  const state = fold([A, known, ...begin('a')]);
  expect(state.history).toEqual({ runs, components: { a: [past, null] } });
  expect(pastOf(state.history, 'a')).toEqual([past]);
  expect(pastOf(state.history, 'constructor')).toEqual([]);
  expect(fold([A, known, A]).history).toBeNull();
  const told: RunEvent = { type: 'history', runs, components: { a: [tellPast(past), null] } };
  expect(told.components).toEqual({ a: [{ durationMs: 20 }, null] });
  expect(fold([A, told, ...begin('a')]).history).toEqual(state.history);
  const slow = { ...past, verdict: 'failed', flaky: true, rate: 1, p99Us: 2, errors: 3 } as const;
  expect(tellPast(slow)).toEqual(slow);
});

test('a run knows what its suite was made from, and where its components are run', () => {
  const source = { type: 'config', file: `${ROOT}/shakedown.config.ts` } as const;
  const components = [
    { name: 'api', kind: 'command', cwd: `${ROOT}/api` },
    { name: 'web', kind: 'command' },
  ];
  const { folders, source: known } = fold([started(components, { source })]);
  expect(known).toEqual(source);
  expect(folders).toEqual({ api: `${ROOT}/api`, web: ROOT });
  expect(fold([started(components)]).source).toBeNull();
});
