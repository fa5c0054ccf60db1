import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXPECT_SUCCESS } from '../../../src/core/suite.ts';
import { judgeOutput, outputWatches } from '../../../src/process/output/judge.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';

const traceback = (error: string): string =>
  ['Traceback (most recent call last):', '  File "stream.py", line 7, in do_GET', error, ''].join('\n');

test.each([
  [0, 'exit code 0 is not enough; '],
  [null, 'it fails even if it keeps running; '],
])('whoever prints a traceback and ends with %s is told why that fails', (exitCode, reason) => {
  const scanner = new OutputScanner(outputWatches(EXPECT_SUCCESS));
  scanner.push(Buffer.from(traceback('KeyError: 7')));
  scanner.end();
  expect(judgeOutput(scanner, EXPECT_SUCCESS, { name: 'it', exitCode })).toMatchObject([
    {
      message: 'it printed a Python traceback, although it did not fail: KeyError: 7',
      hint: `${reason}if this output is fine, allow it: expect: { allow: [...] }`,
    },
  ]);
});

function countOf(cut: number, ...errors: string[]): number {
  const scanner = new OutputScanner(outputWatches(EXPECT_SUCCESS));
  scanner.push(Buffer.from(errors.map(traceback).join('---\n')));
  scanner.end();
  const [finding] = judgeOutput(scanner, EXPECT_SUCCESS, { name: 'server', exitCode: null, cut });
  return finding?.code === 'forbidden-output' ? finding.count : 0;
}

describe('what a server complains of when we have ended a connection in the middle of its answer', () => {
  const broken = 'BrokenPipeError: [Errno 32] Broken pipe';
  const reset = 'ConnectionResetError: [Errno 104] Connection reset by peer';

  test('is no fault of it: each such connection has two reports, one being the cause of the other', () => {
    expect(countOf(1, broken, reset)).toBe(0);
    expect(countOf(1, broken, reset, broken)).toBe(1);
    expect(countOf(2, broken, reset, broken)).toBe(0);
  });

  test('is a fault where we have ended none, or where it is about something else', () => {
    expect(countOf(0, broken)).toBe(1);
    expect(countOf(1, 'KeyError: "id"')).toBe(1);
    expect(countOf(1, broken, 'KeyError: "id"')).toBe(1);
  });

  test('cannot be told from other reports of which not all are known', () => {
    expect(countOf(9, broken, broken, broken, broken)).toBe(4);
  });
});

describe('tracebacks that threads have written into each other', () => {
  const ERRORS = ['AssertionError: total is 2, expected 1', "KeyError: 'rows'", 'ValueError: not a row'];
  const output = (name: string): Buffer =>
    readFileSync(resolve(import.meta.dirname, `../../fixtures/headlines/${name}.txt`));

  test.each(['python-threads-1', 'python-threads-2', 'python-threads-3'])(
    'are told by the last line of each: %s',
    (name) => {
      const scanner = new OutputScanner(outputWatches(EXPECT_SUCCESS));
      scanner.push(output(name));
      scanner.end();
      const [finding] = judgeOutput(scanner, EXPECT_SUCCESS, { name: 'thread', exitCode: 0 });
      expect(finding).toMatchObject({ code: 'forbidden-output', count: 6 });
      const told = ERRORS.filter((error) => finding?.message.includes(error));
      expect(told.length).toBeGreaterThan(0);
      const matches = finding?.code === 'forbidden-output' ? finding.matches : [];
      const shown = matches.flatMap(({ text }) => text).join('\n');
      for (const error of told) expect(shown).toContain(error);
      expect(finding?.message).not.toMatch(/Exception in thread/);
    },
  );

  test('of two, the first of which was cut into, neither is lost', () => {
    const scanner = new OutputScanner(outputWatches(EXPECT_SUCCESS));
    scanner.push(
      Buffer.from(
        [
          'Traceback (most recent call last):',
          'Exception in thread Thread-3 (go):',
          '  File "a.py", line 1, in go',
          'Traceback (most recent call last):',
          '    check()',
          '  File "a.py", line 1, in go',
          'AssertionError: total is 2, expected 1',
          '    check()',
          "KeyError: 'rows'",
          'done',
          '',
        ].join('\n'),
      ),
    );
    scanner.end();
    const [finding] = judgeOutput(scanner, EXPECT_SUCCESS, { name: 'thread', exitCode: 0 });
    expect(finding?.message).toBe(
      "thread printed 2 Python tracebacks, although it did not fail: AssertionError: total is 2, expected 1; KeyError: 'rows'",
    );
    expect(finding?.evidence).not.toContain('done');
  });
});
