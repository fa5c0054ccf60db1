/** What is tried of a module that threads share. */
import { expect, test } from 'vitest';
import { cellPlans } from '../../../src/kinds/threads/cells.ts';
import type { ThreadsComponent } from '../../../src/kinds/threads/component.ts';
import type { Cell, Survey } from '../../../src/kinds/threads/protocol.ts';
import { sabotage } from '../../../src/kinds/threads/sabotage.ts';

const survey = (operations: number, keepsAlive = false) =>
  ({
    operations: Array.from({ length: operations }, () => ({ name: 'parse' })),
    keepsAlive,
  }) as unknown as Survey;
const trial = { extent: 'whole', iterations: 5000, workers: 2 } as const;

test('every order, way to end and state; all calls where that is not about ends', () => {
  const plans = cellPlans(trial, survey(3), 1);
  expect(plans).toHaveLength(3 * 5 * 2);
  expect(plans.map(({ calls }) => calls).filter((calls) => calls === 5000)).toHaveLength(3);
  expect(new Set(plans.map(({ cell }) => JSON.stringify(cell))).size).toBe(plans.length);
});

test.each([
  ['whole', 30],
  ['pairs', 15],
] as const)('%s: each two circumstances meet in one of %i cells', (extent, count) => {
  const plans = cellPlans({ ...trial, extent }, survey(3), 1);
  expect(plans).toHaveLength(count);
  const pairsOf = ({ order, door, state }: Cell): string[] => [
    `${order} ${door}`,
    `${order} ${state}`,
    `${door} ${state}`,
  ];
  expect(new Set(plans.flatMap(({ cell }) => pairsOf(cell))).size).toBe(3 * 5 + 3 * 2 + 5 * 2);
  const whole = plans.filter(({ calls }) => calls === 5000).map(({ cell }) => cell.order);
  expect(whole.toSorted()).toEqual(['all-at-once', 'main-first', 'worker-only']);
});

test('without calls there are only two circumstances, and all of them meet', () => {
  expect(cellPlans({ ...trial, extent: 'pairs' }, survey(0), 1)).toHaveLength(3 * 5);
});

test('the baseline of a proof tries pairs, and all that is no module as it is', () => {
  const module = { kind: 'threads', trial: { type: 'module', ...trial } } as unknown as ThreadsComponent;
  const python = { kind: 'threads', trial: { type: 'python' } } as unknown as ThreadsComponent;
  expect(sabotage.baseline?.(module)).toEqual({ ...module, trial: { ...module.trial, extent: 'pairs' } });
  expect(sabotage.baseline?.(python)).toEqual(python);
});

test('threads that make no calls are never in the middle of one, nor do those end that are kept alive', () => {
  const cells = cellPlans(trial, survey(0, true), 1).map(({ cell }) => cell);
  expect(cells.every(({ state, door }) => state === 'idle' && door !== 'natural')).toBe(true);
  expect(cells).toHaveLength(3 * 4);
});

test('if only calls count, they are made in one process, and each at least once', () => {
  const calls = { ...trial, extent: 'calls' } as const;
  const [plan, ...others] = cellPlans(calls, survey(3), 1);
  expect(others).toEqual([]);
  expect(plan).toMatchObject({ cell: { order: 'all-at-once', door: 'natural', state: 'idle' }, calls: 250 });
  expect(cellPlans(calls, survey(700), 1)[0]?.calls).toBe(700);
  expect(cellPlans({ ...calls, iterations: 5 }, survey(700, true), 1)[0]).toMatchObject({
    cell: { door: 'terminate' },
    calls: 5,
  });
});
