import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration, plural } from '../../../src/core/units.ts';
import fc from '../../rig/fast-check.ts';

/** Thousandths of a microsecond in each unit: whole numbers, so that the oracle is exact. */
const NANOSECONDS = { ms: 1_000_000n, s: 1_000_000_000n, m: 60_000_000_000n, h: 3_600_000_000_000n };
type Unit = keyof typeof NANOSECONDS;

/** 2³¹ - 1 ms: what a timer of Node can hold. */
const LONGEST = 2_147_483_647n * 1_000_000n;

interface Part {
  readonly whole: number;
  /** Digits after the point; none and there is no point. */
  readonly digits: string;
  readonly unit: Unit;
}

const part = fc.record({
  whole: fc.integer({ min: 0, max: 700 }),
  digits: fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 4 }),
  unit: fc.constantFrom<Unit>('ms', 's', 'm', 'h'),
});

const write = ({ whole, digits, unit }: Part): string =>
  `${whole}${digits === '' ? '' : `.${digits}`}${unit}`;

/** The parts in nanoseconds, by long multiplication; with at most four digits nothing is lost. */
const nanoseconds = ({ whole, digits, unit }: Part): bigint =>
  (BigInt(`${whole}${digits}`) * NANOSECONDS[unit]) / 10n ** BigInt(digits.length);

describe('parseDuration', () => {
  test('adds up what stands there, and refuses nothing at all and more than a timer can hold', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const truth = parts.reduce((sum, each) => sum + nanoseconds(each), 0n);
        const parsed = parseDuration(parts.map(write).join(''));
        expect(parsed.ok).toBe(truth > 0n && truth <= LONGEST);
        if (parsed.ok) expect(Math.abs(parsed.value * 1e6 - Number(truth))).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['500ms', 500],
    ['5s', 5000],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    ['1m30s', 90_000],
    ['1h30m15s250ms', 5_415_250],
    ['0.5ms', 0.5],
    ['0h1ms', 1],
    ['2147483647ms', 2_147_483_647],
    ['596h', 2_145_600_000],
  ])('%s', (text, span) => {
    expect(parseDuration(text)).toEqual({ ok: true, value: span });
  });

  test.each([
    ['2147483648ms', 'longest duration is 24 days'],
    ['2147483647ms1ms', 'longest duration is 24 days'],
    ['597h', 'longest duration is 24 days'],
    [`${'9'.repeat(400)}h`, 'longest duration is 24 days'],
    ['0s', 'longer than zero'],
    ['0h0m0s0ms', 'longer than zero'],
    ['', 'not a duration'],
    ['5', 'not a duration'],
    ['s', 'not a duration'],
    ['5 s', 'not a duration'],
    [' 5s', 'not a duration'],
    ['5s\n', 'not a duration'],
    ['-5s', 'not a duration'],
    ['+5s', 'not a duration'],
    ['.5s', 'not a duration'],
    ['5.s', 'not a duration'],
    ['1.2.3s', 'not a duration'],
    ['1e3ms', 'not a duration'],
    ['5S', 'not a duration'],
    ['5sec', 'not a duration'],
    ['1d', 'not a duration'],
    ['Infinityms', 'not a duration'],
    ['٥s', 'not a duration'],
  ])('refuses %j', (text, reason) => {
    const parsed = parseDuration(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.error).toContain(reason);
  });
});

describe('formatDuration', () => {
  /** Reads what a person would read, and how much it may be off by. */
  function read(text: string): { span: number; within: number } {
    const [first = '', second = ''] = text.split(' ');
    if (second === 'ms') return { span: Number(first), within: 0.5 };
    if (second === 's') return { span: Number(first) * 1000, within: 5.001 };
    const high = Number(first.slice(0, -1));
    const low = Number(second.slice(0, -1));
    expect(low).toBeLessThan(60);
    expect(second).toMatch(/^\d\d[ms]$/);
    return first.endsWith('m')
      ? { span: (high * 60 + low) * 1000, within: 500 }
      : { span: (high * 60 + low) * 60_000, within: 60_000 };
  }

  test('says a span within the precision that it shows, at every scale', () => {
    const span = fc.oneof(
      fc.double({ min: 0, max: 2000, noNaN: true }),
      fc.double({ min: 0, max: 120_000, noNaN: true }),
      fc.double({ min: 0, max: 1e8, noNaN: true }),
      fc.constantFrom(999.4, 999.5, 1000, 59_994.9, 59_995, 59_999, 60_000, 3_599_499, 3_599_500, 3_600_000),
    );
    fc.assert(
      fc.property(span, (truth) => {
        const { span: said, within } = read(formatDuration(truth));
        expect(Math.abs(said - truth)).toBeLessThanOrEqual(within);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    [0, '0 ms'],
    [7.4, '7 ms'],
    [999.5, '1.00 s'],
    [1234, '1.23 s'],
    [59_994, '59.99 s'],
    [59_995, '1m 00s'],
    [125_000, '2m 05s'],
    [3_599_499, '59m 59s'],
    [3_599_500, '1h 00m'],
    [9_000_000, '2h 30m'],
  ])('%d ms', (span, text) => {
    expect(formatDuration(span)).toBe(text);
  });
});

test('plural', () => {
  expect(plural(1, 'process', 'processes')).toBe('1 process');
  expect(plural(0, 'process', 'processes')).toBe('0 processes');
  expect(plural(2, 'Python traceback')).toBe('2 Python tracebacks');
  expect(plural(450_000, 'line')).toBe('450,000 lines');
});
