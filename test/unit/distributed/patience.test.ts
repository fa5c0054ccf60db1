import { expect, test } from 'vitest';
import { Patience, type Unanswered } from '../../../src/distributed/patience.ts';

/** Of an agent that is silent as all are, unless it is said that it is not. */
const unanswered = (
  now: number,
  heardAt: number | undefined,
  more: Partial<Unanswered> = {},
): Unanswered => ({ ...{ now, heardAt, isTaken: true, isAlone: false, besideMs: 2000 }, ...more });
const ALONE = { isAlone: true };
const UNTAKEN = { isTaken: false };

test('a silent agent is asked for five seconds in all, whoever takes the questions in its place', () => {
  const patience = new Patience();
  expect(patience.left(unanswered(102_000, 100_000))).toBe(5000);
  // Taken by a connection that nobody is at the other end of.
  expect(patience.left(unanswered(104_000, undefined))).toBe(3000);
  expect(patience.left(unanswered(106_500, undefined))).toBe(500);
  expect(patience.left(unanswered(107_000, undefined))).toBe(0);
  expect(patience.left(unanswered(108_000, undefined))).toBe(0);
});

test('one that is heard in between has all its time again', () => {
  const patience = new Patience();
  patience.left(unanswered(102_000, 100_000));
  expect(patience.left(unanswered(106_000, 104_000))).toBe(5000);
});

test('one that never was heard is asked as long', () => {
  const patience = new Patience();
  expect(patience.left(unanswered(2000, undefined))).toBe(5000);
  expect(patience.left(unanswered(7000, undefined))).toBe(0);
});

test('after the server was away, agents have the time that it takes them to come back', () => {
  const patience = new Patience();
  expect(patience.left(unanswered(125_000, 100_000))).toBe(15_000);
  expect(patience.left(unanswered(127_000, undefined))).toBe(13_000);
});

test('one that is silent alone, and whose connection takes no question for two seconds, is gone', () => {
  const patience = new Patience();
  expect(patience.left(unanswered(102_000, 100_000, ALONE))).toBe(2000);
  expect(patience.left(unanswered(104_000, undefined, { ...ALONE, ...UNTAKEN }))).toBe(0);
});

test('one that is silent alone while another answers at once is asked for a second, and for longer if that takes longer', () => {
  for (const [besideMs, within] of [
    [0, 1000],
    [200, 1400],
    [500, 2000],
    [1900, 2000],
  ] as const)
    expect(new Patience().left(unanswered(102_000, 100_000, { ...ALONE, besideMs }))).toBe(within);
});

test('one that is silent alone, and whose connection takes questions, may be stopped: it has all its time', () => {
  const patience = new Patience();
  patience.left(unanswered(102_000, 100_000, ALONE));
  expect(patience.left(unanswered(104_000, undefined, ALONE))).toBe(2000);
  expect(patience.left(unanswered(106_500, undefined, ALONE))).toBe(500);
  expect(patience.left(unanswered(107_000, undefined, ALONE))).toBe(0);
});

test('where another falls silent as well, the server may have been away, and both have all their time', () => {
  const patience = new Patience();
  patience.left(unanswered(102_000, 100_000, ALONE));
  expect(patience.left(unanswered(104_000, undefined, UNTAKEN))).toBe(3000);
  const other = new Patience();
  expect(other.left(unanswered(130_000, 100_000, ALONE))).toBe(15_000);
});
