import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Bound } from '../../../chaos/bound.ts';
import { waitedMs } from '../../../chaos/proc.ts';

const id = (pid: number) => ({ pid, startTicks: 1 });

test('whoever is left after the bound is a survivor', () => {
  const bound = new Bound(3000);
  bound.see([id(1)], () => 9000, true);
  expect(bound.isOver(3000)).toBe(false);
  expect(bound.isOver(3001)).toBe(true);
});

test('but how long it has waited for a processor since is not counted', () => {
  const bound = new Bound(3000);
  bound.see([id(1)], () => 9000, true);
  bound.see([id(1)], () => 9500, false);
  // Started since.
  bound.see([id(2)], () => 2000, false);
  expect(bound.isOver(5500)).toBe(false);
  expect(bound.isOver(5501)).toBe(true);
});

test('and not for ever', () => {
  const bound = new Bound(3000);
  bound.see([id(1)], () => 0, true);
  bound.see([id(1)], () => 1e9, false);
  expect(bound.isOver(63_001)).toBe(true);
});

test('the kernel says how long a process has waited', async () => {
  // This process has worked for seconds in several threads: it has waited. A new one may not have.
  expect(waitedMs(process.pid)).toBeGreaterThan(0);
  const child = spawn('true');
  await once(child, 'close');
  expect(waitedMs(child.pid ?? 0)).toBe(0);
});
