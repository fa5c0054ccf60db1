import { describe, expect, test } from 'vitest';
import { countLineEnds, needsTerminal } from '../../../src/process/output/bytes.ts';
import { CRASH_REPORTS } from '../../../src/process/output/crash-reports.ts';
import { TEST_RUNS } from '../../../src/process/output/test-runs.ts';
import { TextFilter } from '../../../src/process/output/text-filter.ts';
import fc from '../../rig/fast-check.ts';
import { shareOf } from '../../rig/thorough.ts';

describe('TextFilter', () => {
  /** Few letters, so that texts overlap, begin alike and hold each other. */
  const words = (minLength: number): fc.Arbitrary<string[]> =>
    fc.array(fc.string({ unit: fc.constantFrom(...'aab'), minLength, maxLength: 6 }), { maxLength: 6 });
  const haystack = fc.string({ unit: fc.constantFrom(...'aab\nü'), maxLength: 60 });
  const filterOf = (texts: readonly string[]): TextFilter =>
    new TextFilter(texts.map((text) => Buffer.from(text)));
  /** It has been used so much that it has made its tables. */
  const usedFilterOf = (texts: readonly string[]): TextFilter => {
    const filter = filterOf(texts);
    filter.occursIn(Buffer.alloc(10_000, 'z'));
    return filter;
  };

  test('finds what is there and nothing else', () => {
    fc.assert(
      fc.property(words(1), haystack, (texts, text) => {
        const holdsOne = texts.some((each) => text.includes(each));
        expect(filterOf(texts).occursIn(Buffer.from(text))).toBe(holdsOne);
        expect(usedFilterOf(texts).occursIn(Buffer.from(text))).toBe(holdsOne);
      }),
      { numRuns: shareOf(3000) },
    );
  });

  test('tells where the first one stands, and of those that begin there the longest', () => {
    fc.assert(
      fc.property(words(2), haystack, fc.nat(20), (texts, text, from) => {
        const bytes = Buffer.from(text);
        const places = texts.flatMap((each) => {
          const start = bytes.indexOf(each, from);
          return start === -1 || from > bytes.length ? [] : [{ start, end: start + each.length }];
        });
        const [first] = places.sort((a, b) => a.start - b.start || b.end - a.end);
        expect(filterOf(texts).find(bytes, from)).toEqual(first);
      }),
      { numRuns: shareOf(3000) },
    );
  });

  test('takes texts of any letters, and bytes that are no text', () => {
    for (const filter of [filterOf(['größe', '日本']), usedFilterOf(['größe', '日本'])]) {
      expect(filter.occursIn(Buffer.from('die größe\n'))).toBe(true);
      expect(filter.occursIn(Buffer.from('日\n本\n'))).toBe(false);
      expect(filter.occursIn(Buffer.from([0xff, 0x00, 0x0a, 0xc3]))).toBe(false);
    }
  });
});

test('lines are counted, long ones and short ones', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(60), { maxLength: 400 }),
      fc.boolean(),
      fc.boolean(),
      (lengths, areEmpty, ended) => {
        const lines = lengths.map((length) => 'x'.repeat(areEmpty ? 0 : length));
        const text = lines.join('\n') + (ended ? '\n' : '');
        expect(countLineEnds(Buffer.from(text))).toBe(text.split('\n').length - 1);
      },
    ),
  );
});

test.each([
  ['plain\n', false],
  ['with\r\nends of Windows\r\n', false],
  ['10%\r20%\n', true],
  ['\u001b[1mbold\n', true],
  ['\u009b1mbold\n', true],
  ['§ 5 «ü» \u00a0\n', false],
])('%j needs a terminal: %s', (text, needs) => {
  expect(needsTerminal(Buffer.from(text))).toBe(needs);
});

test('what every output is searched for lets most of it be stepped over', () => {
  const texts = new Set([...CRASH_REPORTS, ...TEST_RUNS].flatMap(({ requiredText }) => requiredText ?? ['']));
  expect([...texts].filter((text) => Buffer.byteLength(text) < 7)).toEqual(['ok  \t']);
});

test('whatever a crash report matches holds one of its requiredText', () => {
  fc.assert(
    fc.property(
      fc
        .constantFrom(...CRASH_REPORTS)
        .chain((report) =>
          fc
            .stringMatching(new RegExp(sourceOf(report.regex).replace(/\(\?[=!][^)]*\)/g, '')))
            .map((line) => ({ report, line })),
        ),
      ({ report, line }) => {
        if (!report.regex.test(line)) return;
        expect(report.requiredText?.some((text) => line.includes(text))).toBe(true);
      },
    ),
    { numRuns: shareOf(1000) },
  );
});

function sourceOf(pattern: unknown): string {
  if (pattern instanceof RegExp) return pattern.source;
  throw new Error('crash reports are told by regular expressions');
}
