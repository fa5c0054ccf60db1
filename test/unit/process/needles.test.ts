import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CRASH_REPORTS } from '../../../src/process/output/crash-reports.ts';
import { NeedleFilter } from '../../../src/process/output/needles.ts';

describe('NeedleFilter', () => {
  /** Few letters, so that texts overlap, begin alike and hold each other. */
  const word = (maxLength: number): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom(...'aab'), minLength: 1, maxLength });

  test('finds what is there and nothing else, and counts the lines', () => {
    const haystack = fc.string({ unit: fc.constantFrom(...'aab\nü'), maxLength: 40 });
    fc.assert(
      fc.property(fc.array(word(5), { maxLength: 6 }), haystack, (needles, text) => {
        const holdsOne = needles.some((needle) => text.includes(needle));
        const lines = text.split('\n').length - 1;
        expect(new NeedleFilter(needles).countLines(Buffer.from(text))).toBe(holdsOne ? -1 : lines);
      }),
      { numRuns: 2000 },
    );
  });

  test('starts afresh with each block', () => {
    const filter = new NeedleFilter(['needle']);
    expect(filter.countLines(Buffer.from('need'))).toBe(0);
    expect(filter.countLines(Buffer.from('le'))).toBe(0);
  });

  test('takes texts of any letters, and bytes that are no text', () => {
    const filter = new NeedleFilter(['größe', '日本']);
    expect(filter.countLines(Buffer.from('die größe\n'))).toBe(-1);
    expect(filter.countLines(Buffer.from('日\n本\n'))).toBe(2);
    expect(filter.countLines(Buffer.from([0xff, 0x00, 0x0a, 0xc3]))).toBe(1);
  });
});

test('whatever a crash report matches holds one of its needles', () => {
  fc.assert(
    fc.property(
      fc
        .constantFrom(...CRASH_REPORTS)
        .chain((report) =>
          fc
            .stringMatching(new RegExp(report.regex.source.replace(/\(\?[=!][^)]*\)/g, '')))
            .map((line) => ({ report, line })),
        ),
      ({ report, line }) => {
        if (!report.regex.test(line)) return;
        expect(report.needles?.some((needle) => line.includes(needle))).toBe(true);
      },
    ),
    { numRuns: 1000 },
  );
});
