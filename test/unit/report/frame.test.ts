/** The live part of a terminal, as its lines. */
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/core/event.ts';
import type { PastComponent } from '../../../src/core/history.ts';
import { loadNow } from '../../../src/load/report/brief.ts';
import type { RunState } from '../../../src/report/state.ts';
import { frameOf, type Room } from '../../../src/report/terminal/frame.ts';
import { createPaint } from '../../../src/text/paint.ts';
import { widthOf } from '../../../src/text/width.ts';
import { windowOf } from '../load/results.ts';
import { begin, EXIT, end, fold, found, ready, started } from './runs.ts';

const USUAL: Room = { rows: 23, columns: 79 };
const PLAIN = createPaint(false);

function draw(state: RunState, elapsedMs: number, room: Room = USUAL): string {
  const lines = frameOf(state, elapsedMs, room, PLAIN);
  expect(lines.length).toBeLessThanOrEqual(room.rows);
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(room.columns);
  return lines.join('\n');
}

const commands = (count: number): RunEvent =>
  started(Array.from({ length: count }, (_, index) => ({ name: `c${index}`, kind: 'command' })));

const says = (component: string, step: string, lastLine: string): RunEvent => ({
  type: 'output',
  component,
  step,
  lastLine,
});

const second = (atMs: number, achieved: number): RunEvent => ({
  type: 'load-window',
  component: 'api',
  step: 'client',
  window: windowOf(atMs, { rate: { offered: 2000, achieved } }),
  limitMs: 30_000,
});

const API = [
  started([
    { name: 'api', kind: 'http' },
    { name: 'init', kind: 'init' },
  ]),
  ...begin('api', 'http'),
  says('api', 'server', 'listening'),
  ready('api', 'server', 8001, 1200),
  says('api', 'client', 'closed loop'),
  ...Array.from({ length: 8 }, (_, at) => second(at * 1000, at < 4 ? 2000 : 1500)),
];

describe('a component under load', () => {
  test('shows its rate, of what is asked, its errors, its course, and its services', () => {
    expect(draw(fold(API), 9000)).toMatchInlineSnapshot(`
      "  ⠋ api         8.99 s  client
            1,500/s of 2,000/s · p99 49.5 ms · 8 errors · 22.00 s left  ████▆▆▆▆
            server on port 8001 ready for 8.97 s
          then init"
    `);
  });

  test('is cut on a narrow terminal, and has fewer lines on a low one', () => {
    expect(draw(fold(API), 9000, { rows: 3, columns: 39 })).toMatchInlineSnapshot(`
      "  ⠋ api         8.99 s  client
            1,500/s of 2,000/s · p99 49.5 ms…
          then init"
    `);
  });

  test('leaves out that there are no errors before what is left', () => {
    const line = (errors: number, columns?: number): string =>
      loadNow(windowOf(0, { rate: { offered: 2000, achieved: 2000 } }), { errors, limitMs: 30_000 }, columns);
    expect(line(0)).toBe('2,000/s · p99 49.5 ms · no errors · 29.00 s left');
    expect(line(0, 47)).toBe('2,000/s · p99 49.5 ms · 29.00 s left');
    expect(line(3, 36)).toBe('2,000/s · p99 49.5 ms · 3 errors · 29.00 s left');
  });

  test('shows nothing of that when it is over; nor a service that has ended', () => {
    const over = fold([
      ...API,
      { type: 'load-finished', component: 'api', step: 'client', load: {} as never },
      { type: 'service-ended', component: 'api', service: 'server', durationMs: 1 },
    ]);
    expect(draw(over, 9000)).toBe('  ⠋ api         8.99 s  client · closed loop\n    then init');
  });
});

describe('what components share', () => {
  test('is in a line of its own while it is up', () => {
    const shared = [
      commands(1),
      { type: 'shared-started', shared: 'db', kind: 'service', logFile: '/db.log' },
      { ...ready('shared:db', 'db', 5432, 1000) },
      ...begin('c0'),
      says('c0', 'c0', '測試 🚀'),
    ] as const satisfies RunEvent[];
    expect(draw(fold(shared), 5000)).toMatchInlineSnapshot(`
      "  ● db on port 5432 ready for 3.99 s
        ⠋ c0          4.97 s   測試 🚀"
    `);
    expect(draw(fold(shared), 5000, { rows: 1, columns: 79 })).toBe('  ⠋ c0          4.97 s   測試 🚀');
  });
});

describe('more than there is room for', () => {
  const many = (count: number, jobs: number): RunState =>
    fold([commands(count), ...Array.from({ length: jobs }, (_, index) => begin(`c${index}`)).flat()]);

  test('is summed up, and those that have run longest are kept', () => {
    expect(draw(many(30, 20), 5000, { rows: 4, columns: 79 })).toMatchInlineSnapshot(`
      "  ⠋ c0          4.99 s  
        ⠋ c1          4.98 s  
        ⠋ c2          4.97 s  
          0 of 30 done · and 17 more running, 10 waiting"
    `);
  });

  test('those that are failing or slow are kept first', () => {
    const state = fold([
      commands(12),
      ...Array.from({ length: 12 }, (_, index) => begin(`c${index}`)).flat(),
      { type: 'component-slow', component: 'c7', afterMs: 1000, limitMs: 2000 },
      found('c9', EXIT),
      { type: 'component-retrying', component: 'c9', attempt: 1, attempts: 2 },
      ...begin('c9', 'command', 2),
    ]);
    expect(draw(state, 5000, { rows: 3, columns: 79 })).toMatchInlineSnapshot(`
      "  ⠋ c7          4.92 s  
        ⠋ c9          4.90 s  attempt 2
          0 of 12 done · and 10 more running"
    `);
  });

  test('what waits is named as far as there is room, and what has ended is counted', () => {
    const tests = { format: 'junit', from: null, cases: [], left: 0, isComplete: true } as const;
    const state = fold([
      commands(40),
      ...begin('c0'),
      {
        type: 'tests-finished',
        component: 'c0',
        attempt: 1,
        tests: { ...tests, counts: { passed: 412, failed: 1, skipped: 3 } },
      },
      end('c0', 'failed'),
      ...begin('c1'),
    ]);
    expect(draw(state, 5000)).toMatchInlineSnapshot(`
      "  ⠋ c1          4.96 s  
          1 of 40 done, 1 failed · 412 tests passed, 1 failed · then c2 and 37 more"
    `);
    expect(draw(fold([commands(4), ...begin('c0')]), 5000)).toContain('    then c1, c2, c3');
  });
});

describe('what is slow against its own past', () => {
  const past = (durationMs: number, verdict: PastComponent['verdict'] = 'passed'): PastComponent => ({
    ...{ verdict, durationMs, flaky: false, rate: null, p99Us: null, errors: null },
  });
  const state = (...all: PastComponent[]): RunState => {
    const runs = all.map(({ verdict, durationMs }, at) => ({
      run: `r${at}`,
      startedAt: '',
      verdict,
      durationMs,
    }));
    return fold([commands(1), { type: 'history', runs, components: { c0: all } }, ...begin('c0')]);
  };

  test.each([
    ['clearly longer', [past(2000), past(3000), past(2500)], 6020, '3.00 s longer than ever'],
    ['a little longer', [past(2000), past(3000), past(2500)], 3900, undefined],
    ['longer, but not by much of it', [past(60_000), past(60_000), past(60_000)], 62_000, undefined],
    ['too few runs', [past(2000), past(3000)], 6020, undefined],
    ['runs that failed', [past(2000), past(3000), past(1, 'failed')], 6020, undefined],
  ])('%s', (_, all, elapsedMs, expected) => {
    const shown = draw(state(...all), elapsedMs);
    if (expected === undefined) expect(shown).not.toContain('longer');
    else expect(shown).toContain(expected);
  });
});
