/** What a page holds of a load: short, and honest where there is too much to draw. */
import { describe, expect, test } from 'vitest';
import type { LoadLevel } from '../../../../src/core/capacity.ts';
import type { RunEvent } from '../../../../src/core/event.ts';
import type { LoadCapacity, LoadSummary, LoadWindow } from '../../../../src/core/load.ts';
import { foldLoads } from '../../../../src/report/html/load/fold.ts';
import { plotsOf } from '../../../../src/report/html/load/plots.ts';
import { goesOn, type Span, secondOf, TIMES, thinned } from '../../../../src/report/html/load/seconds.ts';
import { drawLoads } from '../../../../src/report/html/load/section.ts';
import { decodeColumn, encodeColumn, unitFor } from '../../../../src/report/html/plotted/columns.ts';
import { openRecord } from '../../../../src/report/html/record.ts';
import fc from '../../../rig/fast-check.ts';
import { resultOf, windowOf } from '../../load/results.ts';
import { begin, stamp, started } from '../runs.ts';

const NUMBER = fc.oneof(
  fc.constant(null),
  fc.nat(1_000_000),
  fc.double({ min: 1, max: 1e10, noNaN: true }),
  fc.double({ min: 0.001, max: 1, noNaN: true }),
);

test('a column is read as it was written, to half of its unit', () => {
  fc.assert(
    fc.property(fc.array(NUMBER, { maxLength: 50 }), (values) => {
      const unit = unitFor(values);
      const read = decodeColumn(JSON.parse(JSON.stringify(encodeColumn(values, unit))));
      expect(read.map((value) => value === null)).toEqual(values.map((value) => value === null));
      const most = Math.max(1e-9, ...values.map((value) => value ?? 0));
      for (const [at, value] of values.entries())
        expect(Math.abs((read[at] ?? 0) - (value ?? 0))).toBeLessThanOrEqual(unit / 2 + most * 1e-9);
      // Four digits of the largest.
      expect(unit / 2).toBeLessThanOrEqual(Math.max(0.5, most / 1000));
    }),
  );
});

const TIMES_OF = fc
  .tuple(...TIMES.map(() => fc.nat(5_000_000)))
  .map((all) => all.sort((a, b) => a - b))
  .map(([p50 = 0, p90 = 0, p99 = 0, max = 0]) => ({ p50, p90, p99, max }));

const SECOND = fc.record({
  due: fc.nat(1000),
  answered: fc.nat(1000),
  errors: fc.nat(50),
  inFlight: fc.nat(64),
  times: fc.option(TIMES_OF),
  atLeast: fc.nat(15),
  cpuMs: fc.option(fc.nat(1000)),
  rssBytes: fc.option(fc.nat(1e9)),
  descriptors: fc.option(fc.nat(1000)),
  channel: fc.constant(null),
  pause: fc.constantFrom(0, 0, 0, 0, 0, 0, 3000),
});

/** Seconds one after the other, with a warm-up, and pauses as between the rates of a search. */
const SECONDS = fc.tuple(fc.array(SECOND, { maxLength: 300 }), fc.nat(20)).map(([all, warmup]): Span[] => {
  let atMs = 0;
  return all.map(({ pause, ...second }, at) => {
    atMs += pause;
    const span = { ...second, atMs, durationMs: 1000, isWarmup: at < warmup };
    atMs += 1000;
    return span;
  });
});

const sum = (spans: readonly Span[], of: (span: Span) => number): number =>
  spans.reduce((total, span) => total + of(span), 0);
const most = (spans: readonly Span[], of: (span: Span) => number | null | undefined): number =>
  Math.max(-1, ...spans.map((span) => of(span) ?? -1));

describe('fewer spans in place of many seconds', () => {
  test('are as many as can be drawn, and one more for each phase', () => {
    fc.assert(
      fc.property(SECONDS, fc.integer({ min: 1, max: 100 }), (seconds, limit) => {
        const phases = seconds.filter((second, at) => at === 0 || !goesOn(seconds[at - 1] as Span, second));
        expect(thinned(seconds, limit).length).toBeLessThanOrEqual(limit + phases.length);
      }),
    );
  });

  test('cover the same time, and add up to the same', () => {
    fc.assert(
      fc.property(SECONDS, fc.integer({ min: 1, max: 100 }), (seconds, limit) => {
        const spans = thinned(seconds, limit);
        for (const of of [
          (span: Span) => span.durationMs,
          (span: Span) => span.due,
          (span: Span) => span.answered,
          (span: Span) => span.errors,
        ])
          expect(sum(spans, of)).toBe(sum(seconds, of));
        for (const span of spans) {
          const within = seconds.filter(
            ({ atMs }) => atMs >= span.atMs && atMs < span.atMs + span.durationMs,
          );
          expect(within.every(({ isWarmup }) => isWarmup === span.isWarmup)).toBe(true);
          expect(within.reduce((total, { durationMs }) => total + durationMs, 0)).toBe(span.durationMs);
        }
      }),
    );
  });

  test('keep the highest of what cannot be added: the slowest second stays as slow as it was', () => {
    fc.assert(
      fc.property(SECONDS, fc.integer({ min: 1, max: 100 }), (seconds, limit) => {
        const spans = thinned(seconds, limit);
        for (const name of TIMES)
          expect(most(spans, ({ times }) => times?.[name])).toBe(most(seconds, ({ times }) => times?.[name]));
        for (const of of [
          (span: Span) => span.inFlight,
          (span: Span) => span.rssBytes,
          (span: Span) => span.descriptors,
        ])
          expect(most(spans, of)).toBe(most(seconds, of));
        // Each time that is shown was measured, as it was measured: as a bound, or not.
        for (const span of spans)
          for (const [bit, name] of TIMES.entries()) {
            if (span.times === null) continue;
            const same = seconds.filter(({ times }) => times?.[name] === span.times?.[name]);
            expect(same.map(({ atLeast }) => (atLeast >> bit) & 1)).toContain((span.atLeast >> bit) & 1);
          }
      }),
    );
  });
});

const TARGET = { cpuMs: 0, rssBytes: 50_000_000, processes: 1, threads: 8, descriptors: 30 };

test('what the target has used is counted from one second to the next, unless it paused or a process has ended', () => {
  const windows = [100, 350, 200, 300].map((cpuMs, at) =>
    windowOf(at * 1000, { target: { ...TARGET, cpuMs } }),
  );
  const late = windowOf(9000, { target: { ...TARGET, cpuMs: 900 } });
  const all = [...windows, late];
  expect(all.map((window, at) => secondOf(window, all[at - 1]).cpuMs)).toEqual([null, 250, null, 100, null]);
});

const second = (component: string, window: LoadWindow): RunEvent => ({
  type: 'load-window',
  component,
  step: 'client',
  window,
  limitMs: null,
});

test('the seconds of the last attempt are kept, of each component', () => {
  const fold = foldLoads();
  for (const event of stamp([
    started([{ name: 'a', kind: 'http' }]),
    ...[...begin('a'), second('a', windowOf(0)), second('b', windowOf(0))],
    ...[...begin('a', 'http', 2), second('a', windowOf(500)), second('a', windowOf(1500))],
  ]))
    fold.take(event);
  const kept = fold.kept().map(({ component, seconds }) => [component, seconds.map(({ atMs }) => atMs)]);
  expect(Object.fromEntries(kept)).toEqual({ a: [500, 1500], b: [0] });
});

const summary = (more: Partial<LoadSummary> = {}): LoadSummary => resultOf(more);

const seconds = (of: readonly (readonly [atMs: number, phase: LoadWindow['phase']])[]): Span[] =>
  of.map(([atMs, phase]) => secondOf(windowOf(atMs, { phase }), undefined));

const level = (atMs: number, outcome: LoadLevel['outcome']): LoadLevel => ({
  ...{ rate: 100, isLook: false, outcome, reason: null, atMs, durationMs: 1000 },
  ...{ achieved: 100, errors: 0, responseUs: null },
});

test('the warm-up and rates that did not hold are marked over their whole time', () => {
  const capacity = {
    levels: [level(0, 'held'), level(5000, 'lost'), level(10_000, 'limited')],
  } as unknown as LoadCapacity;
  const spans = seconds([
    ...[0, 1000].map((at) => [at, 'warmup'] as const),
    [2000, 'measured'],
    ...[5000].map((at) => [at, 'warmup'] as const),
    [6000, 'measured'],
    [10_000, 'measured'],
  ]);
  expect(plotsOf(spans, summary({ capacity }), 'requests').bands).toEqual([
    { kind: 'warmup', fromMs: 0, toMs: 2000 },
    { kind: 'warmup', fromMs: 5000, toMs: 6000 },
    { kind: 'lost', fromMs: 5000, toMs: 7000 },
    { kind: 'limited', fromMs: 10_000, toMs: 11_000 },
  ]);
});

test('an hour of seconds takes little room', () => {
  const hour = Array.from({ length: 3600 }, (_, at) =>
    secondOf(
      windowOf(at * 1000 + (at % 7) / 3, {
        rate: { offered: 5000 + Math.sin(at) * 100, achieved: 5000 + Math.cos(at) * 300 },
        target: { ...TARGET, cpuMs: at * 412.7, rssBytes: 5e7 + Math.sin(at / 9) * 1e7 },
      }),
      undefined,
    ),
  );
  const plots = plotsOf(thinned(hour, 600), summary(), 'requests');
  expect(plots.time?.p99?.steps.length).toBe(600);
  expect(JSON.stringify(plots).length).toBeLessThan(50_000);
});

describe('a short load', () => {
  const windows = (count: number): LoadWindow[] =>
    Array.from({ length: count }, (_, at) => windowOf(at * 1000));
  const drawn = (count: number): string => {
    const record = openRecord();
    const ofLoad = { component: 'http', step: 'client' };
    const events: RunEvent[] = [
      started([{ name: 'http', kind: 'http' }]),
      ...begin('http', 'http'),
      ...windows(count).map(
        (window): RunEvent => ({ type: 'load-window', ...ofLoad, window, limitMs: null }),
      ),
      { type: 'load-finished', ...ofLoad, load: resultOf() },
    ];
    for (const event of stamp(events)) record.take(event);
    return drawLoads(record.kept())?.body.toString() ?? '';
  };
  const TABLE = '<summary>The same as a table</summary>';

  test('of two seconds has curves', () => {
    expect(drawn(2)).toContain('data-plots="time"');
    expect(drawn(2)).toContain(TABLE);
  });

  test('of one says why it has none, and calls the table no copy of them', () => {
    expect(drawn(1)).not.toContain('data-plots="time"');
    expect(drawn(1)).toContain(
      'Too short for curves over time: 1 second of it was measured, and they take 2.',
    );
    expect(drawn(1)).not.toContain(TABLE);
    expect(drawn(1)).toContain('<summary>What was measured over time</summary>');
  });
});
