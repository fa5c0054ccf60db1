import { describe, expect, test } from 'vitest';
import { EXPECT_SUCCESS } from '../../../src/core/suite.ts';
import { judgeOutput, outputWatches } from '../../../src/process/output/judge.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';

const traceback = (error: string): string =>
  ['Traceback (most recent call last):', '  File "stream.py", line 7, in do_GET', error, ''].join('\n');

function countOf(cut: number, ...errors: string[]): number {
  const scanner = new OutputScanner(outputWatches(EXPECT_SUCCESS));
  scanner.push(Buffer.from(errors.map(traceback).join('---\n')));
  scanner.end();
  const [finding] = judgeOutput(scanner, EXPECT_SUCCESS, { name: 'server', exitCode: 0, cut });
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
