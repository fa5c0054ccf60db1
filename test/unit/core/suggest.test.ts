import { describe, expect, test } from 'vitest';
import { suggest } from '../../../src/core/suggest.ts';
import fc from '../../rig/fast-check.ts';

const LETTERS = [...'abcde'];
const word = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 7 });

/** All words that one slip of the hand turns a word into: a letter more, a letter less, another, two swapped. */
function slips(from: string): Set<string> {
  const found = new Set<string>();
  for (let at = 0; at <= from.length; at++) {
    const [before, after] = [from.slice(0, at), from.slice(at)];
    for (const letter of LETTERS) {
      found.add(`${before}${letter}${after}`);
      if (after !== '') found.add(`${before}${letter}${after.slice(1)}`);
    }
    if (after !== '') found.add(`${before}${after.slice(1)}`);
    if (after.length > 1) found.add(`${before}${after[1]}${after[0]}${after.slice(2)}`);
  }
  found.delete(from);
  return found;
}

/** Whether one word can be turned into another with at most so many slips, found by trying them all. */
function isWithin(from: string, to: string, most: number): boolean {
  let reached = new Set([from]);
  for (let step = 0; step < most && !reached.has(to); step++)
    reached = new Set([...reached, ...[...reached].flatMap((each) => [...slips(each)])]);
  return reached.has(to);
}

describe('suggest', () => {
  test.each([
    ['htpt', 'http'],
    ['htttp', 'http'],
    ['htp', 'http'],
    ['HTTP', 'http'],
    ['tread', 'thread'],
    ['thraed', 'thread'],
    ['typstubs', 'typestubs'],
    ['typestub', 'typestubs'],
    ['init', 'init'],
  ])('%s means %s', (written, meant) => {
    expect(suggest(written, ['thread', 'http', 'typestubs', 'init'])).toBe(meant);
  });

  test.each(['', 'x', 'all', 'client', 'benchmark', 'httpserver', 'http-old', 'read', 'stubs'])(
    '%j means nothing that exists',
    (written) => {
      expect(suggest(written, ['thread', 'http', 'typestubs', 'init'])).toBeUndefined();
    },
  );

  test('the nearest wins, and of equally near ones the first', () => {
    expect(suggest('htttp', ['http2', 'http'])).toBe('http');
    expect(suggest('cat', ['bat', 'hat'])).toBe('bat');
  });

  test('nothing is meant where nothing exists', () => {
    expect(suggest('http', [])).toBeUndefined();
  });

  test('one slip in a word is always found', () => {
    const slip = word.chain((meant) =>
      fc.constantFrom(...slips(meant)).map((written) => ({ meant, written })),
    );
    fc.assert(
      fc.property(slip, ({ meant, written }) => {
        expect(suggest(written, [meant])).toBe(meant);
      }),
    );
  });

  test('in a short word one slip is the most', () => {
    const short = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(short, fc.array(short, { maxLength: 6 }), (written, names) => {
        const near = names.filter((name) => isWithin(written, name, 1));
        const suggested = suggest(written, names);
        if (suggested === undefined) expect(near).toEqual([]);
        else expect(near).toContain(suggested);
      }),
    );
  });

  test('in a longer word there may be one slip for every three letters, and no more', () => {
    const long = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 6, maxLength: 7 });
    fc.assert(
      fc.property(long, fc.array(word, { maxLength: 4 }), (written, names) => {
        const suggested = suggest(written, names);
        if (suggested !== undefined) expect(isWithin(written, suggested, 2)).toBe(true);
      }),
      { numRuns: 60 },
    );
    expect(suggest('abcdef', ['xbcdex'])).toBe('xbcdex');
    expect(suggest('abcdef', ['xbcxex'])).toBeUndefined();
  });

  test('a word without a letter in common is never suggested', () => {
    const other = fc.string({ unit: fc.constantFrom(...'uvwxyz'), minLength: 2, maxLength: 9 });
    fc.assert(
      fc.property(word, other, (name, written) => {
        expect(suggest(written, [name])).toBeUndefined();
      }),
    );
  });
});
