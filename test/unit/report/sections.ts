/** A run of which the page has every section, and of each what is seldom there. */
import type { LoadCapacity, LoadLevel } from '../../../src/core/capacity.ts';
import type { RunEvent } from '../../../src/core/event.ts';
import type { PastComponent } from '../../../src/core/history.ts';
import type { LoadWindow } from '../../../src/core/load.ts';
import type { ChannelResult, ChannelWindow } from '../../../src/core/load-channel.ts';
import { CHANNEL, resultOf, windowOf } from '../load/results.ts';
import {
  begin,
  CRASH,
  EXIT,
  end,
  finished,
  found,
  gridOf,
  LEAK,
  ROOT,
  ready,
  started,
  step,
} from './runs.ts';

const PAST_RUNS = 6;
const FAILED_THEN = 3;

const pastOf = (durationMs: number, rate: number | null): PastComponent[] =>
  Array.from({ length: PAST_RUNS }, (_, at) => ({
    ...{ verdict: at === FAILED_THEN ? 'failed' : 'passed', flaky: false },
    ...{ durationMs: durationMs * (1 + at / 10), rate: rate === null ? null : rate - at * 10 },
    ...{ p99Us: rate === null ? null : 5000 + at * 500, errors: rate === null ? null : at },
  }));

/** The load of a component: its seconds, and its result. */
function load(
  component: string,
  windows: readonly LoadWindow[],
  more: Parameters<typeof resultOf>[0],
): RunEvent[] {
  const of = { component, step: 'client' };
  return [
    ...begin(component, 'http'),
    ready(component, 'server', 8001, 7),
    ...windows.map((window): RunEvent => ({ type: 'load-window', ...of, window, limitMs: null })),
    { type: 'load-finished', ...of, load: resultOf(more) },
  ];
}

const channelAt = (at: number): ChannelWindow => ({
  ...{ open: 10 + at, opened: at === 0 ? 12 : 1, lost: at === 3 ? 2 : 0, received: 500 + at, unasked: 5 },
});

const seconds = (count: number, more: (at: number) => Partial<LoadWindow>): LoadWindow[] =>
  Array.from({ length: count }, (_, at) => windowOf(at * 1000, more(at)));

const STREAMS: ChannelResult = {
  ...CHANNEL,
  ...{ type: 'sse', unit: 'stream', refused: 0, closes: {}, unasked: 0 },
};

const level = (at: number, outcome: LoadLevel['outcome'], reason: string | null): LoadLevel => ({
  ...{ rate: 100 * (at + 1), isLook: at === 0, outcome, reason, atMs: at * 2000, durationMs: 1000 },
  ...{
    achieved: 99 * (at + 1),
    errors: at,
    responseUs: { p50: 1000, p99: 5000 * (at + 1), max: 9000, atLeast: [] },
  },
});

const CAPACITY: LoadCapacity = {
  ...{ holds: 200, fails: 300, atLeast: false, limitedBy: 'target', confirmed: true, ended: 'found' },
  while: ['p99 < 10ms'],
  levels: [
    level(0, 'held', null),
    level(1, 'held', null),
    level(2, 'lost', 'p99 was 15.0 ms'),
    level(3, 'limited', 'the generator sent 50 ms late'),
  ],
};

export const SECTIONS: readonly RunEvent[] = [
  started(
    [
      ...['chat', 'feed', 'capacity'].map((name) => ({ name, kind: 'http' as const })),
      ...['parser', 'flaky', 'plain'].map((name) => ({ name, kind: 'command' as const })),
    ],
    { root: ROOT },
  ),
  {
    type: 'history',
    runs: Array.from({ length: PAST_RUNS }, (_, at) => ({
      ...{ run: `20260104-02453${at}-x${at}`, startedAt: `2026-01-04T02:45:3${at}.000Z` },
      ...{
        verdict: at === FAILED_THEN ? ('failed' as const) : ('passed' as const),
        durationMs: 2000 + at * 100,
      },
    })),
    components: { chat: pastOf(120, 500), parser: pastOf(100, null), plain: pastOf(90, null) },
  },
  { type: 'setup-started', step: 'npm ci' },
  {
    ...{ type: 'setup-finished', step: 'npm ci', outcome: 'done', durationMs: 40 },
    ...{ logFile: null, findings: [] },
  },
  ...load(
    'chat',
    seconds(6, (at) => ({ channel: channelAt(at) })),
    { channel: CHANNEL },
  ),
  found('chat', CRASH),
  end('chat', 'failed', { durationMs: 6000 }),
  ...load(
    'feed',
    seconds(6, (at) => ({ channel: channelAt(at) })),
    { channel: STREAMS },
  ),
  end('feed', 'passed', { durationMs: 6000 }),
  ...load(
    'capacity',
    seconds(8, () => ({})),
    { capacity: CAPACITY },
  ),
  end('capacity', 'passed', { durationMs: 8000 }),
  ...begin('parser'),
  ...step('parser', 'parser', 1),
  {
    ...{ type: 'tests-finished', component: 'parser', attempt: 1 },
    tests: {
      ...{ format: 'tap', from: 'results.tap', isComplete: true, left: 12 },
      counts: { passed: 1, failed: 1, skipped: 1 },
      cases: [
        {
          ...{ name: 'reads an empty file', suite: 'parser', outcome: 'failed', durationMs: 12 },
          ...{ file: 'test/parser.test.ts', line: 12, message: 'expected 0 rows, got 1' },
          output: ['- 0', '+ 1'],
        },
        ...(['passed', 'skipped'] as const).map((outcome) => ({
          ...{ name: `is ${outcome}`, suite: 'parser', outcome, durationMs: 2 },
          ...{ file: null, line: null, message: null, output: [] },
        })),
      ],
    },
  },
  gridOf('parser', 'every file by every reader'),
  found('parser', EXIT),
  end('parser', 'failed'),
  ...begin('flaky'),
  ...step('flaky', 'flaky', 1),
  found('flaky', LEAK),
  { type: 'component-retrying', component: 'flaky', attempt: 1, attempts: 2 },
  ...begin('flaky', 'command', 2),
  ...step('flaky', 'flaky', 0),
  end('flaky', 'passed', { flaky: true, attempts: 2 }),
  ...begin('plain'),
  ...step('plain', 'plain', 0),
  end('plain', 'passed'),
  finished('failed', 1, 20_000),
];
