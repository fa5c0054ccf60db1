import { expect, test } from 'vitest';
import { asLine, toJson, visible, visibleAll, visibleText } from '../../../src/core/harmless.ts';
import fc from '../../rig/fast-check.ts';

/** Any text at all, halves of surrogate pairs included, and often what is harmful. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\x1b]0;title\x07',
        '\u009d0;title\u009c',
        '\u202e',
        '\u2066',
        '\n::error::x',
        '\r',
        '##[error]x',
        '##vso[task.complete]x',
        '\u{e0041}',
        '\ud800',
        '\\',
        '#',
        '"',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

const isTame = (text: string): boolean => !/[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029]/u.test(text);
const isCommand = (line: string): boolean => line.trimStart().startsWith('::') || /##(?:vso)?\[/i.test(line);

test('what is harmful is shown as what it is', () => {
  expect(visible('a\x1b]0;t\x07b\x9bc\u202ed\ne\rf\x7f\u{e0041}')).toBe(
    'a\\x1b]0;t\\x07b\\x9bc\\u202ed\\ne\\rf\\x7f\\u{e0041}',
  );
  expect(visible('##[error]x ##vso[y]z ##VSO[a]')).toBe('\\x23#[error]x \\x23#vso[y]z \\x23#VSO[a]');
  expect(asLine('  ::error::x')).toBe('  \\x3a:error::x');
  expect(visibleText('one\r\n::error::two\n\x1b[2J')).toBe('one\n\\x3a:error::two\n\\x1b[2J');
});

test('what is harmless stays as it is', () => {
  for (const text of [
    'plain',
    'a\ttab',
    '日本語 עברית العربية',
    '👩‍👩‍👧 é',
    'std::vector',
    '# a [b]',
    '## c',
    'C:\\x',
  ]) {
    expect(visible(text)).toBe(text);
    expect(asLine(text)).toBe(text);
  }
});

test('nothing harmful gets through, and once is enough', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const shown = visible(text);
      expect(isTame(shown.replaceAll('\t', ''))).toBe(true);
      expect(isCommand(asLine(shown))).toBe(false);
      expect(visible(shown)).toBe(shown);
      expect(asLine(asLine(shown))).toBe(asLine(shown));
      for (const line of visibleText(text).split('\n')) {
        expect(isTame(line.replaceAll('\t', ''))).toBe(true);
        expect(isCommand(line)).toBe(false);
      }
    }),
  );
});

test('in plain data every string is made visible, keys included, and nothing else changes', () => {
  const data = { 'k\x1b': ['\x07', { deep: '\u202e', n: 1, none: null, yes: true }], ok: 'ok' };
  expect(visibleAll(data)).toEqual({
    'k\\x1b': ['\\x07', { deep: '\\u202e', n: 1, none: null, yes: true }],
    ok: 'ok',
  });
});

test('JSON is harmless to look at, and means exactly what it was made from', () => {
  const value = fc.oneof(
    hostile,
    fc.array(hostile),
    fc.dictionary(
      hostile.filter((key) => key !== '__proto__'),
      hostile,
    ),
  );
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 2), (data, indent) => {
      const text = toJson(data, undefined, indent);
      for (const line of text.split('\n')) {
        expect(isTame(line)).toBe(true);
        expect(isCommand(line)).toBe(false);
      }
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(data)));
    }),
  );
});
