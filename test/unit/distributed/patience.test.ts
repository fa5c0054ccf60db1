import { expect, test } from 'vitest';
import { Patience } from '../../../src/distributed/patience.ts';

test('a silent agent is asked for five seconds in all, whoever takes the questions in its place', () => {
  const patience = new Patience();
  expect(patience.left(102_000, 100_000)).toBe(5000);
  // Taken by a connection that nobody is at the other end of.
  expect(patience.left(104_000, undefined)).toBe(3000);
  expect(patience.left(106_500, undefined)).toBe(500);
  expect(patience.left(107_000, undefined)).toBe(0);
  expect(patience.left(108_000, undefined)).toBe(0);
});

test('one that is heard in between has all its time again', () => {
  const patience = new Patience();
  patience.left(102_000, 100_000);
  expect(patience.left(106_000, 104_000)).toBe(5000);
});

test('one that never was heard is asked as long', () => {
  const patience = new Patience();
  expect(patience.left(2000, undefined)).toBe(5000);
  expect(patience.left(7000, undefined)).toBe(0);
});

test('after the server was away, agents have the time that it takes them to come back', () => {
  const patience = new Patience();
  expect(patience.left(125_000, 100_000)).toBe(15_000);
  expect(patience.left(127_000, undefined)).toBe(13_000);
});
