/** What the timeline makes of events, and where it puts what. */
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../../src/core/event.ts';
import type { Finding } from '../../../../src/core/finding.ts';
import { openRecord } from '../../../../src/report/html/record.ts';
import { drawTimeline } from '../../../../src/report/html/timeline.ts';
import { foldTimeline, type Timeline } from '../../../../src/report/html/timeline-fold.ts';
import { layOut } from '../../../../src/report/html/timeline-layout.ts';
import {
  begin,
  CRASH,
  EXIT,
  end,
  FLAKY,
  finished,
  found,
  PASSED,
  PROOF,
  ready,
  STUCK,
  stamp,
  started,
  step,
} from '../runs.ts';

/** Events with the moments at which they happen, in milliseconds. */
type Timed = readonly (readonly [at: number, event: RunEvent])[];

function timelineOf(run: Timed): Timeline {
  const fold = foldTimeline();
  run.forEach(([elapsedMs, event], seq) => void fold.take({ ...event, seq, elapsedMs }));
  return fold.kept();
}

const ofEvents = (events: readonly RunEvent[]): Timeline =>
  timelineOf(stamp(events).map((event) => [event.elapsedMs, event]));

/** The rows of a timeline with the texts of their bars. */
const rowsOf = (timeline: Timeline): string[] =>
  layOut(timeline, (name) => name).rows.map(
    ({ label, isPart, bars }) =>
      `${isPart ? '  ' : ''}${label}: ${bars.map(({ title }) => title).join(' | ')}`,
  );

const [START] = begin('http', 'http');
const [CLIENT, , CLIENT_ENDED] = step('http', 'client', 1, 900);
const [SERVER] = step('http', 'server', 0);
const DIED: RunEvent = {
  type: 'service-died',
  component: 'http',
  service: 'server',
  exitCode: 7,
  signal: null,
};
const DEATH: Finding = {
  code: 'service-died',
  ...{ step: 'server', message: 'server exited with code 7', exitCode: 7, signal: null },
};
if (START === undefined || CLIENT === undefined || CLIENT_ENDED === undefined || SERVER === undefined)
  throw new Error('there are such events');

/** A server that dies under its client, which then fails. */
const DEADLY: Timed = [
  [0, started([{ name: 'http', kind: 'http' }])],
  [100, START],
  [110, SERVER],
  [300, ready('http', 'server', 8001, 190)],
  [310, CLIENT],
  [1000, DIED],
  [1210, CLIENT_ENDED],
  [1220, { type: 'service-ended', component: 'http', service: 'server', durationMs: 10 }],
  [1230, found('http', DEATH)],
  [1240, end('http', 'failed')],
  [1250, finished('failed', 1)],
];

describe('a service that dies', () => {
  const timeline = timelineOf(DEADLY);

  test('ends when it does, before its client, which it drags down', () => {
    expect(rowsOf(timeline)).toEqual([
      'http: http · attempt 1: 100 ms to 1.24 s (1.14 s) · failed: service-died',
      '  server: http · server · starting: 110 ms to 300 ms (190 ms) | http · server · ready on port 8001: 300 ms to 1.00 s (700 ms) · failed: exit code 7, service-died',
      '  client: http · client: 310 ms to 1.21 s (900 ms) · failed: exit code 1',
    ]);
  });

  test('is marked through all rows, with its finding', () => {
    expect(timeline.moments).toEqual([
      { at: 1000, of: 'http', message: 'server: exit code 7 while it was in use', code: 'service-died' },
    ]);
  });
});

test('a service that is never ready has a row, in which it starts and fails', () => {
  const finding: Finding = { code: 'not-ready', step: 'server', message: 'server exited', waitedMs: 90 };
  const timeline = timelineOf([
    [0, started([{ name: 'http', kind: 'http' }])],
    [100, START],
    [110, SERVER],
    [200, found('http', finding)],
    [210, end('http', 'failed')],
  ]);
  expect(rowsOf(timeline)).toEqual([
    'http: http · attempt 1: 100 ms to 210 ms (110 ms) · failed: not-ready',
    '  server: http · server · starting: 110 ms to 210 ms (100 ms) · failed: not-ready',
  ]);
});

test('services of the suite have rows of their own, which begin before the components', () => {
  const of = { component: 'shared:db', service: 'db' };
  const timeline = timelineOf([
    [0, started([])],
    [10, { type: 'shared-started', shared: 'db', kind: 'service', logFile: 'db.log' }],
    [10, { type: 'shared-started', shared: 'seed', kind: 'task', logFile: 'seed.log' }],
    [60, { type: 'shared-finished', shared: 'seed', outcome: 'cached', durationMs: 50, findings: [] }],
    [110, { ...ready('shared:db', 'db', null, 100) }],
    [500, { type: 'service-died', ...of, exitCode: null, signal: 'SIGKILL' }],
    [520, { type: 'service-ended', ...of, durationMs: 10 }],
    [530, { type: 'shared-finished', shared: 'db', outcome: 'failed', durationMs: 520, findings: [DEATH] }],
  ]);
  expect(rowsOf(timeline)).toEqual([
    'db: db · starting: 10 ms to 110 ms (100 ms) | db · ready: 110 ms to 500 ms (390 ms) · failed: ended by SIGKILL, service-died',
    'seed: seed · task: 10 ms to 60 ms (50 ms) · cached',
  ]);
  expect(timeline.moments.map(({ of: who, message }) => `${who}: ${message}`)).toEqual([
    'db: db: ended by SIGKILL while it was in use',
  ]);
});

test('each attempt is a bar, and setup and its steps are one row', () => {
  expect(rowsOf(ofEvents(FLAKY))[0]).toBe(
    'http: http · attempt 1: 20 ms to 70 ms (50 ms) · failed: exit-code | http · attempt 2: 80 ms to 130 ms (50 ms)',
  );
  expect(rowsOf(ofEvents(PASSED))[0]).toBe(
    'setup: setup · npm ci: 10 ms to 20 ms (10 ms) · cached | setup: 30 ms to 50 ms (20 ms)',
  );
});

test('what had not ended when the record did says so', () => {
  const timeline = ofEvents(STUCK.slice(0, 6));
  expect(rowsOf(timeline)).toEqual(['thread: thread · attempt 1: had not ended after 50 ms']);
  const { rows } = layOut(timeline, (name) => name);
  expect(rows[0]?.bars.map(({ outcome }) => outcome)).toEqual(['inconclusive']);
  expect(timeline.moments.map(({ message }) => message)).toEqual([
    'suspended here for 5.00 s, which do not count',
  ]);
});

test('a load has its phases, and fails with its client', () => {
  const window = (at: number, phase: 'warmup' | 'measured'): Timed[number] => [
    at,
    {
      type: 'load-window',
      component: 'http',
      step: 'client',
      window: { phase, durationMs: 1000 } as never,
      limitMs: null,
    },
  ];
  const timeline = timelineOf([
    [0, started([{ name: 'http', kind: 'http' }])],
    [0, START],
    ...[window(1010, 'warmup'), window(2010, 'measured'), window(3010, 'measured')],
    [3400, { type: 'load-finished', component: 'http', step: 'client', load: {} as never }],
    [3450, found('http', { ...EXIT, step: 'client' })],
    [3500, end('http', 'failed')],
  ]);
  expect(rowsOf(timeline)[1]).toBe(
    '  load: http · warm-up: 10 ms to 1.01 s (1.00 s) | http · load: 1.01 s to 3.01 s (2.00 s) · failed: exit-code | http · last answers: 3.01 s to 3.40 s (390 ms)',
  );
});

test('signals, restarts and rounds are moments', () => {
  const timeline = timelineOf([
    [0, started([])],
    [10, { type: 'service-told', component: 'http', service: 'server', signal: 'SIGHUP' }],
    [20, { type: 'interrupted', signal: 'SIGINT', again: false, ending: [] }],
    [30, { type: 'round-started', components: [], because: 'a.ts changed' }],
  ]);
  expect(timeline.moments.map(({ at, message, code }) => [at, message, code])).toEqual([
    [10, 'server was told by SIGHUP', null],
    [20, 'interrupted by SIGINT', 'interrupted'],
    [30, 'another round: a.ts changed', null],
  ]);
});

test('what is ended says by which signals, and a kill is a moment', () => {
  const sent = (step: string, signal: string): RunEvent => ({
    ...{ type: 'signal-sent', component: 'http', step, signal },
  });
  const timeline = timelineOf([
    [0, started([{ name: 'http', kind: 'http' }])],
    [10, START],
    [20, SERVER],
    [30, ready('http', 'server', 8001, 10)],
    [40, CLIENT],
    [1000, sent('client', 'SIGINT')],
    [1010, step('http', 'client', 0, 970)[2] ?? CLIENT_ENDED],
    [1020, sent('server', 'SIGTERM')],
    [6020, sent('server', 'SIGKILL')],
    [6030, { type: 'service-ended', component: 'http', service: 'server', durationMs: 5010 }],
    [6040, end('http', 'passed')],
  ]);
  expect(rowsOf(timeline).slice(1)).toEqual([
    '  server: http · server · starting: 20 ms to 30 ms (10 ms) | http · server · ready on port 8001: 30 ms to 1.02 s (990 ms) | http · server · ending: 1.02 s to 6.03 s (5.01 s) · sent SIGTERM, SIGKILL after 5.00 s',
    '  client: http · client: 40 ms to 1.01 s (970 ms) · sent SIGINT',
  ]);
  expect(timeline.moments).toEqual([
    { at: 6020, of: 'http', message: 'server was sent SIGKILL', code: null },
  ]);
});

describe('a thousand components', () => {
  const names = Array.from({ length: 1000 }, (_, index) => `c${index}`);
  // Two side by side, 10 ms each.
  const run = names.flatMap((name, index): Timed[number][] => {
    const from = Math.floor(index / 2) * 10;
    const [begun] = begin(name);
    if (begun === undefined) throw new Error('it begins');
    const isBad = index === 500;
    const failure: Timed[number][] = isBad ? [[from + 9, found(name, CRASH)]] : [];
    return [[from, begun], ...failure, [from + 9, end(name, isBad ? 'failed' : 'passed')]];
  });
  const timeline = timelineOf(run.toSorted(([a], [b]) => a - b));
  const { rows } = layOut(timeline, (name) => name);

  test('share a row, but for the one that failed and some others', () => {
    expect(rows).toHaveLength(25);
    expect(rows.map(({ label }) => label)).toContain('c500');
    expect(rows.at(-1)).toMatchObject({ label: '976 more components', lanes: 2 });
  });

  test('are few bars, since those too short to be seen are joined, and are named in part', () => {
    const bars = rows.at(-1)?.bars ?? [];
    expect(bars.length).toBeLessThan(300);
    expect(bars[0]?.title).toMatch(
      /^\d+ attempts of c\d+, c\d+, c\d+, c\d+(?: and \d+ more)?: .* · all passed$/,
    );
    const all = bars.reduce((sum, { title }) => sum + Number(/^(\d+) attempts/.exec(title)?.[1] ?? 1), 0);
    expect(all).toBe(976);
  });
});

test('a component of very many steps keeps the first of them, and counts the others', () => {
  const many = Array.from({ length: 1500 }, (_, index) => step('a', `s${index}`, 0, 1)).flat();
  const timeline = ofEvents([
    started([{ name: 'a', kind: 'threads' }]),
    ...begin('a'),
    ...many,
    found('a', EXIT),
    end('a', 'failed'),
  ]);
  const steps = timeline.tracks.find(({ part }) => part === 'steps');
  expect([steps?.spans.length, steps?.left]).toEqual([400, 1100]);
});

test.each([
  [0, ['0', '1 ms']],
  [900, ['0', '200 ms', '400 ms', '600 ms', '800 ms']],
  [7_600, ['0', '1 s', '2 s', '3 s', '4 s', '5 s', '6 s', '7 s']],
  [3_700_000, ['0', '10 min', '20 min', '30 min', '40 min', '50 min', '1 h']],
])('the axis of %i ms has round numbers', (endMs, labels) => {
  const { ticks } = layOut({ endMs, tracks: [], moments: [] }, (name) => name);
  expect(ticks.map(({ label }) => label)).toEqual(labels);
});

test('what a fault has done to a trial is told by the name of the trial', () => {
  const record = openRecord();
  const trial = 'http~status-500';
  const died = {
    type: 'service-died',
    component: trial,
    service: 'server',
    exitCode: 1,
    signal: null,
  } as const;
  for (const event of stamp([...PROOF, died])) record.take(event);
  expect(drawTimeline(record.kept())?.body.toString()).toContain(
    '<strong>http status-500</strong> server: exit code 1',
  );
});
