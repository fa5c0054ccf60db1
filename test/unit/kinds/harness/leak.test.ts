import { expect, test } from 'vitest';
import { tookLong } from '../../../../src/kinds/threads/harness/leak.ts';

test('calls are given their time by the processor’s clock, and those that wait by the clock on the wall', () => {
  expect(tookLong({ cpuMs: 79, wallMs: 79 }, 78)).toBe(true);
  expect(tookLong({ cpuMs: 77, wallMs: 77 }, 78)).toBe(false);
  expect(tookLong({ cpuMs: 20, wallMs: 140 }, 78)).toBe(false);
  expect(tookLong({ cpuMs: 1, wallMs: 140 }, 78)).toBe(true);
  expect(tookLong({ cpuMs: 1, wallMs: 77 }, 78)).toBe(false);
});
