/** What is quoted of the output of something that failed. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { headline } from '../../../src/core/headline.ts';
import { lastWords } from '../../../src/core/last-words.ts';

const noise = (count: number, word = 'line'): string[] =>
  Array.from({ length: count }, (_, index) => `${word} ${index}`);

describe('an error that is far above the end', () => {
  test('comes first, with what follows it, and then the last lines', () => {
    const lines = [...noise(40), 'src/a.ts:3:7 - error TS2322: no', '3 const a', '', ...noise(40, 'more')];
    expect(lastWords(lines, 'src/a.ts:3:7 - error TS2322: no')).toEqual([
      ...['src/a.ts:3:7 - error TS2322: no', '3 const a', '', 'more 0', 'more 1', 'more 2', '…'],
      ...noise(40, 'more').slice(-13),
    ]);
  });

  test('of a traceback comes with its place', () => {
    const traceback = ['  File "a.py", line 3, in f', '    g()', '    ^^^', 'ValueError: no'];
    const lines = [...noise(40), 'Traceback (most recent call last):', ...traceback, ...noise(40, 'more')];
    expect(lastWords(lines, 'ValueError: no').slice(0, 7)).toEqual([...traceback, 'more 0', 'more 1', '…']);
  });

  test('that was read from several lines is found by one of them, or else is told in a line of its own', () => {
    const lines = [...noise(10), 'panicked at src/main.rs:3:5:', 'no such user', ...noise(40, 'more')];
    expect(lastWords(lines, 'panicked at src/main.rs:3:5: no such user')[0]).toBe(
      'panicked at src/main.rs:3:5:',
    );
    expect(lastWords(noise(40), 'something else')).toEqual(['something else', '…', ...noise(40).slice(-13)]);
  });

  test('that nearly reaches the last lines leaves nothing out', () => {
    const lines = [...noise(30), 'Error: no', ...noise(18, 'more')];
    expect(lastWords(lines, 'Error: no')).toEqual(['Error: no', ...noise(18, 'more')]);
  });
});

test('an error among the last lines, or none: the last lines', () => {
  expect(lastWords([...noise(40), 'Error: no'], 'Error: no')).toEqual([...noise(40).slice(-14), 'Error: no']);
  expect(lastWords(noise(40), undefined)).toEqual(noise(40).slice(-15));
  expect(lastWords(['a'], 'something else')).toEqual(['a']);
});

test('of real programs, at most 20 lines, each as often as it was printed', () => {
  const folder = resolve(import.meta.dirname, '../../fixtures/headlines');
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  expect(names.length).toBeGreaterThan(100);
  for (const name of names) {
    const lines = readFileSync(resolve(folder, name), 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    const cause = headline(lines);
    const words = lastWords(lines, cause);
    expect(words.length, name).toBeLessThanOrEqual(20);
    for (const word of new Set(words))
      if (word !== '…' && word !== cause)
        expect(words.filter((each) => each === word).length, `${name}: ${word}`).toBeLessThanOrEqual(
          lines.filter((line) => line === word).length,
        );
  }
});
