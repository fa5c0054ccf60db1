/** What a person sees of a search for the highest rate that holds. */
import { describe, expect, test } from 'vitest';
import type { LoadCapacity, LoadLevel } from '../../../../src/core/capacity.ts';
import { loadLine } from '../../../../src/load/report/brief.ts';
import { levelLine, searchFrame } from '../../../../src/load/report/capacity.ts';
import { loadText } from '../../../../src/load/report/text.ts';
import { createPaint } from '../../../../src/text/paint.ts';
import { latencyOf, resultOf, spread, windowOf } from '../../load/results.ts';

const PLAIN = createPaint(false);

const timesTo = (most: number): LoadLevel['responseUs'] => {
  const { p50, p99, max, atLeast } = latencyOf(spread(1000, most, 1000));
  return { p50, p99, max, atLeast };
};

const level = (rate: number, more: Partial<LoadLevel> = {}): LoadLevel => ({
  rate,
  isLook: false,
  outcome: 'held',
  reason: null,
  atMs: 0,
  durationMs: 10_000,
  achieved: rate,
  errors: 0,
  responseUs: timesTo(20_000),
  ...more,
});

const lost = (rate: number, more: Partial<LoadLevel> = {}): LoadLevel =>
  level(rate, { outcome: 'lost', reason: '"p99 < 50ms" was not met: p99 is 81 ms', ...more });

const CAPACITY: LoadCapacity = {
  holds: 1980,
  fails: 2070,
  atLeast: false,
  limitedBy: 'target',
  confirmed: true,
  ended: 'found',
  while: ['p99 < 50ms', 'errors < 1%'],
  levels: [
    level(1600, { isLook: true }),
    lost(1980, { isLook: true, responseUs: timesTo(90_000) }),
    lost(3200, { isLook: true, responseUs: null }),
    level(1980),
    lost(2070),
    level(1980, { responseUs: timesTo(30_000) }),
    lost(2020),
    level(2020),
  ],
};

describe('the report', () => {
  test('begins with the interval, and what became of each rate', () => {
    const lines = loadText(resultOf({ capacity: CAPACITY, mode: 'open' }), PLAIN);
    expect(lines.slice(0, 11)).toEqual([
      '  1,980/s holds, 2,070/s does not',
      '  while p99 < 50ms and errors < 1%',
      '',
      '  ✓     1,600/s  held at a quick look         p99 19.8 ms',
      '  ✓     1,980/s  held 2 of 2 times            p99 19.8 ms to 29.7 ms',
      '  ?     2,020/s  held 1 of 2 times            p99 19.8 ms',
      '  ✗     2,070/s  held 0 of 1 time             p99 19.8 ms',
      '  ✗     3,200/s  did not hold at a quick look no response',
      '',
      '  the figures of 1,980/s:',
      '',
    ]);
    expect(lines.at(-1)).toBe('PASSED  1,980/s holds, 2,070/s does not, 8 measurements');
  });

  test.each<[string, Partial<LoadCapacity>]>([
    ['1,980/s holds, 2,070/s does not', {}],
    ['1,980/s holds, 2,070/s does not (not confirmed)', { confirmed: false }],
    ['at least 1,980/s holds', { fails: null, atLeast: true }],
    ['not even 100/s holds', { holds: null, fails: 100 }],
    ['no rate was tried', { holds: null, fails: null, levels: [] }],
    ['no rate is known to hold', { holds: null, fails: null }],
  ])('in one line: %s', (line, more) => {
    expect(loadLine(resultOf({ capacity: { ...CAPACITY, ...more } }))).toBe(line);
  });
});

describe('while it goes on', () => {
  test('each rate is one line', () => {
    expect(levelLine(level(1980), PLAIN)).toBe('  ✓     1,980/s  held: p50 10.5 ms, p99 19.8 ms');
    expect(levelLine(lost(3200, { isLook: true }), PLAIN)).toBe(
      '  ✗     3,200/s  "p99 < 50ms" was not met: p99 is 81 ms (a quick look)',
    );
    expect(levelLine(level(9000, { outcome: 'limited', reason: 'the generator' }), PLAIN)).toBe(
      '  ?     9,000/s  the generator',
    );
  });

  test('the rate that is sent is shown, and how long it may all take', () => {
    const current = { rate: 1980, isLook: false, elapsedMs: 6000, takesMs: 12_000, windows: [windowOf(0)] };
    expect(searchFrame(current, 61_000, 300_000, PLAIN)).toEqual([
      '  measuring  1,980/s     ████████████············ p99 49.5 ms, 1 in flight',
      '  elapsed    1m 01s of at most 5m 00s',
    ]);
    expect(searchFrame(undefined, 1000, 300_000, PLAIN)[0]).toBe('  waiting until the target is at rest');
  });
});
