import { expect, test } from 'vitest';
import { type Location, showDiagnostic } from '../../../src/core/diagnostic.ts';
import fc from '../../rig/fast-check.ts';

const location = (over: Partial<Location>): Location => ({
  file: 'shakedown.config.ts',
  line: 3,
  column: 1,
  length: 1,
  text: '',
  ...over,
});

test('a message alone is one line', () => {
  expect(showDiagnostic({ message: 'there is no component "htpt"' })).toBe('there is no component "htpt"');
});

test('a hint stands under it', () => {
  expect(showDiagnostic({ message: 'no', hint: 'did you mean "http"?' })).toBe('no\n  did you mean "http"?');
});

test('a place in a file is shown with the culprit underlined', () => {
  const text = '  http: { prot: 8001 },';
  expect(
    showDiagnostic({
      message: 'there is no option "prot" here',
      hint: 'did you mean "port"?',
      location: location({ line: 12, column: 11, length: 4, text }),
    }),
  ).toMatchInlineSnapshot(`
    "shakedown.config.ts:12:11: there is no option "prot" here
      12 |   http: { prot: 8001 },
         |           ^^^^
      did you mean "port"?"
  `);
});

test('the pointer stands under the culprit, whatever stands before it and however wide tabs are', () => {
  const before = fc.string({ unit: fc.constantFrom(...'\t\t ab{:"'), maxLength: 20 });
  const culprit = fc.string({ unit: fc.constantFrom(...'xyz'), minLength: 1, maxLength: 8 });
  const line = fc.integer({ min: 1, max: 20_000 });
  /** The column that a terminal shows a string's end in. */
  const width = (text: string, tab: number): number =>
    [...text].reduce((at, char) => (char === '\t' ? (Math.floor(at / tab) + 1) * tab : at + 1), 0);
  fc.assert(
    fc.property(before, culprit, line, fc.constantFrom(2, 4, 8), (head, word, row, tab) => {
      const at = location({
        line: row,
        column: head.length + 1,
        length: word.length,
        text: `${head}${word};`,
      });
      const [, shown = '', pointer = ''] = showDiagnostic({ message: 'm', location: at }).split('\n');
      const [start, end] = [shown.lastIndexOf(head + word) + head.length, pointer.indexOf('^')];
      expect(width(pointer.slice(0, end), tab)).toBe(width(shown.slice(0, start), tab));
      expect(pointer.slice(end)).toBe('^'.repeat(word.length));
    }),
  );
});

test('a culprit of no length still has a pointer', () => {
  expect(showDiagnostic({ message: 'm', location: location({ length: 0 }) })).toContain('^');
});
