import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isUnder, limitsOfRun, nextLimit } from '../../../src/process/ownership/limit-mark.ts';
import { hasProcessTable, residentLimit } from '../../../src/process/system/proc.ts';

test('each owner has a limit of its own, within those of its run and of no other', () => {
  const run = limitsOfRun('20261126-120000-abc');
  const [one, two] = [nextLimit('20261126-120000-abc'), nextLimit('20261126-120000-abc')];
  expect(one).not.toEqual(two);
  for (const limit of [one, two]) {
    expect(limit?.from).toBeGreaterThanOrEqual(run.from);
    expect(limit?.to).toBeLessThanOrEqual(run.to);
  }
  const other = limitsOfRun('20261126-120000-abd');
  expect(other.from >= run.to || other.to <= run.from).toBe(true);
  // A shell counts in KiB, the kernel in bytes: both must hold it exactly.
  expect(Number.isSafeInteger(run.to)).toBe(true);
  expect(BigInt(run.to) * 1024n).toBeLessThan(2n ** 63n);
});

test.runIf(hasProcessTable)(
  'a shell sets it, and it is seen from outside; nobody is under one by chance',
  async () => {
    expect(residentLimit(process.pid)).toBeUndefined();
    const limit = nextLimit('trial') ?? { from: 0, to: 0 };
    const child = spawn('/bin/sh', [
      '-c',
      'ulimit -S -m "$1"; echo set; read -r _',
      'sh',
      String(limit.from),
    ]);
    await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    expect(residentLimit(pid)).toBe(limit.from);
    expect([isUnder(pid, limit), isUnder(pid, limitsOfRun('trial'))]).toEqual([true, true]);
    expect([isUnder(pid, limitsOfRun('other')), isUnder(process.pid, limit)]).toEqual([false, false]);
    child.stdin.end('go\n');
    await once(child, 'exit');
    expect(isUnder(pid, limit)).toBe(false);
  },
);

test.runIf(hasProcessTable)('under a limit already, a run sets none', () => {
  const limitUs = (limit: string): void => {
    execFileSync('prlimit', ['--pid', String(process.pid), `--rss=${limit}:`]);
  };
  limitUs('4611686018427387904');
  try {
    expect(nextLimit('inner')).toBeUndefined();
  } finally {
    limitUs('unlimited');
  }
  expect(nextLimit('inner')).toBeDefined();
});
