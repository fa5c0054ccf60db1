/** How `shakedown ps` shows what is up. */
import { expect, test } from 'vitest';
import { linesOf } from '../../../src/cli/up/ps.ts';
import type { RunEvent, Stamped } from '../../../src/core/event.ts';
import { ownershipOf } from '../../../src/core/ownership.ts';
import { advance, INITIAL_STATE } from '../../../src/report/state.ts';

const RUN: readonly RunEvent[] = [
  {
    ...{
      type: 'run-started',
      run: 'r',
      version: '0',
      suite: '',
      root: '/',
      runDir: '',
      memory: 'off',
      jobs: 1,
    },
    ...{ startedAt: '', components: [], holds: ['api', 'worker'], ownership: ownershipOf('finders') },
  },
  { type: 'shared-started', shared: 'api', kind: 'service', logFile: '/api.log' },
  {
    ...{ type: 'service-ready', component: 'shared:api', service: 'api', pid: 4711, port: 40123 },
    ...{ readyAfterMs: 5, address: '127.0.0.1:40123' },
  },
];
const state = RUN.map((event, seq): Stamped => ({ ...event, seq, elapsedMs: 0 })).reduce(
  advance,
  INITIAL_STATE,
);
const shown = (columns?: number): string[] =>
  linesOf({ state, run: { pid: 7, run: 'r' } }, columns).map((line) =>
    line.replace(/\d+[\d.]* ?m?s\b/g, 'T'),
  );

test('as a table, where that fits', () => {
  const [head, ...lines] = shown(80);
  expect(head).toMatch(/^ {2}SERVICE +STATE +PID +ADDRESS +FOR$/);
  expect(lines).toHaveLength(3);
  expect(shown()).toEqual(shown(80));
});

test('in a few lines for each on a narrow terminal', () => {
  expect(shown(40).slice(0, -1)).toEqual([
    expect.stringMatching(/^ {2}api {2}ready for /),
    '    127.0.0.1:40123',
    '    pid 4711',
    expect.stringMatching(/^ {2}worker {2}waiting for /),
  ]);
});
