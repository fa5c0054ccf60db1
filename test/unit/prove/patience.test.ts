/** How long a trial may take, and when it is run once more. */
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { timedOut } from '../../../src/core/stop-reason.ts';
import { ms } from '../../../src/core/units.ts';
import { isCutShort, limitOf } from '../../../src/prove/patience.ts';

const OWN = ms(300_000);
const late = (limit: number): Finding => timedOut('client', ms(limit), { running: [], stacks: [] });
const EXIT: Finding = { code: 'exit-code', message: 'code 1', exitCode: 1, signal: null };
const slow = { isNoticed: ({ code }: Finding) => code === 'timeout' || code === 'exit-code' };

test('the limit is generous, longer for a fault that takes time, and never longer than the own', () => {
  expect(limitOf({}, OWN, 100)).toBe(60_000);
  expect(limitOf({}, OWN, 9_000)).toBe(90_000);
  expect(limitOf({ takes: ms(5_000) }, OWN, 100)).toBe(65_000);
  expect(limitOf({ hangs: true }, OWN, 100)).toBe(10_000);
  expect(limitOf({}, ms(20_000), 100)).toBe(20_000);
});

describe('a trial is run once more', () => {
  test('if a limit of ours ended it, although this fault may be noticed by a limit', () => {
    expect(isCutShort(slow, { findings: [late(60_000)] }, ms(60_000), OWN)).toBe(true);
  });

  test.each<[string, Parameters<typeof isCutShort>]>([
    ['the limit is its own', [slow, { findings: [late(OWN)] }, OWN, OWN]],
    ['a limit of a step of its own ended it', [slow, { findings: [late(1_000)] }, ms(60_000), OWN]],
    ['the fault hangs', [{ ...slow, hangs: true }, { findings: [late(10_000)] }, ms(10_000), OWN]],
    ['it has noticed the fault before', [slow, { findings: [EXIT, late(60_000)] }, ms(60_000), OWN]],
    ['it ended by itself', [slow, { findings: [EXIT] }, ms(60_000), OWN]],
  ])('but not if %s', (_, given) => expect(isCutShort(...given)).toBe(false));
});
