import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import {
  type LimitMark,
  type LimitRange,
  limitsOfRun,
  limitsOn,
  nextLimit,
} from '../../../src/process/ownership/limit-mark.ts';
import { MARKS_ONLY } from '../../../src/process/ownership/tiers/marks-only.ts';
import { hasProcessTable, residentLimits } from '../../../src/process/system/proc.ts';

const isUnder = (pid: number, { from, to }: LimitRange): boolean =>
  limitsOn(pid).some((range) => range.from === from && range.to === to);

const NONE: LimitMark = { range: { from: 0, to: 0 }, kind: 'soft', kib: 0 };

test('each owner has a limit of its own, within those of its run and of no other', () => {
  const run = limitsOfRun('20261126-120000-abc');
  const [one, two] = [nextLimit('20261126-120000-abc'), nextLimit('20261126-120000-abc')];
  expect(one).not.toEqual(two);
  for (const limit of [one, two]) {
    expect(limit?.range.from).toBeGreaterThanOrEqual(run.from);
    expect(limit?.range.to).toBeLessThanOrEqual(run.to);
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
    expect(residentLimits(process.pid)).toEqual({ soft: undefined, hard: undefined });
    const { range: limit } = nextLimit('trial') ?? NONE;
    const child = spawn('/bin/sh', [
      '-c',
      'ulimit -S -m "$1"; echo set; read -r _',
      'sh',
      String(limit.from),
    ]);
    await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    expect(residentLimits(pid).soft).toBe(limit.from);
    expect([isUnder(pid, limit), isUnder(pid, limitsOfRun('trial'))]).toEqual([true, true]);
    expect([isUnder(pid, limitsOfRun('other')), isUnder(process.pid, limit)]).toEqual([false, false]);
    child.stdin.end('go\n');
    await once(child, 'exit');
    expect(isUnder(pid, limit)).toBe(false);
  },
);

test('within a run there is a mark beside that of the run around it, and within both none', () => {
  const none = { soft: undefined, hard: undefined };
  const outer = nextLimit('outer', none);
  const inner = nextLimit('inner', { ...none, soft: outer?.kib });
  expect([outer?.kind, inner?.kind]).toEqual(['soft', 'hard']);
  // A soft limit is never above the hard one.
  expect(inner?.kib).toBeGreaterThan(limitsOfRun('outer').to);
  expect(BigInt(inner?.kib ?? 0) * 1024n).toBeLessThan(2n ** 63n);
  expect(nextLimit('innermost', { soft: outer?.kib, hard: inner?.kib })).toBeUndefined();
});

test.runIf(hasProcessTable)(
  'an ordinary process can set one after the other, and both runs know what comes of it',
  async () => {
    const enclosure = await MARKS_ONLY.open('trial');
    const place = enclosure.placeFor('trial');
    const soft = nextLimit('outer') ?? NONE;
    const hard = nextLimit('inner', { soft: soft.kib, hard: undefined }) ?? NONE;
    // As an ordinary user where we are root: nobody needs to exist of that number.
    const user = process.getuid?.() === 0 ? { uid: 54_321, gid: 54_321 } : {};
    const run = place.enter(['/bin/sh', '-c', 'echo set; read -r _'], '/', hard).argv;
    const [program, ...args] = place.enter(run, '/', soft).argv;
    const child = spawn(program, args, user);
    await once(child.stdout, 'data');
    expect(residentLimits(child.pid ?? 0)).toEqual({ soft: soft.kib, hard: hard.kib });
    for (const { range } of [soft, hard]) expect(isUnder(child.pid ?? 0, range)).toBe(true);
    for (const run of ['outer', 'inner']) expect(isUnder(child.pid ?? 0, limitsOfRun(run))).toBe(true);
    expect(isUnder(child.pid ?? 0, limitsOfRun('innermost'))).toBe(false);
    child.stdin.end('go\n');
    await once(child, 'exit');
    await enclosure.close();
  },
);
