/**
 * What real programs print when they fail, and the line that a person gets to read first. The table is `headlines.txt`; how each
 * output was made is in `make.sh`. Those of a `server-` are what it printed while its client ran.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { firstError } from '../../../src/core/first-error.ts';
import { headline } from '../../../src/core/headline.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';

const DIR = resolve(import.meta.dirname, '../../fixtures/headlines');
const SEARCHED_LINES = 400;

const rows = readFileSync(join(DIR, 'headlines.txt'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((row): [name: string, line: string] => {
    const at = row.indexOf(' ');
    return [row.slice(0, at), row.slice(at).trim()];
  });

function read(name: string): OutputScanner {
  const scanner = new OutputScanner([]);
  scanner.mark();
  scanner.push(readFileSync(join(DIR, `${name}.txt`)));
  scanner.end();
  return scanner;
}

describe('the first line of what a program printed when it failed', () => {
  test.each(rows.filter(([name]) => !name.startsWith('server-')))('%s', (name, line) => {
    expect(headline(read(name).tail(SEARCHED_LINES))).toBe(line);
  });
});

describe('the first error of a server', () => {
  test.each(rows.filter(([name]) => name.startsWith('server-')))('%s', (name, line) => {
    expect(firstError(read(name).since())).toBe(line);
  });
});

test('each output has its line, and there are enough of them', () => {
  const outputs = readdirSync(DIR).filter((file) => file.endsWith('.txt') && file !== 'headlines.txt');
  expect(rows.map(([name]) => `${name}.txt`).toSorted()).toEqual(outputs.toSorted());
  expect(rows.length).toBeGreaterThanOrEqual(80);
});

test('where values were compared, the line holds both', () => {
  // Whatever was compared in these is 500, where 200 was expected.
  const compared = rows.filter(([name]) => {
    const output = readFileSync(join(DIR, `${name}.txt`), 'utf8');
    return (
      /(?:-equal|-errorf|chai|subtest|testify|assert-eq|test-more|minitest|rspec|test-unit|junit)$/.test(
        name,
      ) && /\b500\b/.test(output)
    );
  });
  expect(compared.length).toBeGreaterThanOrEqual(20);
  for (const [name, line] of compared) {
    expect(line, name).toMatch(/\b500\b/);
    expect(line, name).toMatch(/\b200\b/);
  }
});

test('no line is only an announcement', () => {
  for (const [name, line] of rows) expect(line, name).not.toMatch(/:$/);
});
