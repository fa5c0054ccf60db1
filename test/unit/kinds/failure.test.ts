import { describe, expect, test } from 'vitest';
import { commonTo, failureOf } from '../../../src/kinds/threads/failure.ts';
import type { Ended, ThreadSnapshot } from '../../../src/kinds/threads/process.ts';
import {
  type Cell,
  type CellReport,
  DOORS,
  ORDERS,
  type Phase,
} from '../../../src/kinds/threads/protocol.ts';

const cell: Cell = { order: 'worker-only', door: 'natural', state: 'idle' };
const plan = { cell, workers: 2, calls: 10, operations: [0, 1], seed: 1 };

const at = (phase: Phase, operation: number | null = null, calls = 0): ThreadSnapshot => ({
  phase,
  operation,
  calls,
});
const sound: CellReport = { calls: 20, wrong: 0, mismatches: [], notLoaded: [], broken: [] };
const ended = (over: Partial<Ended<CellReport>>): Ended<CellReport> => ({
  exit: { code: 0, signal: null },
  output: [],
  stalled: false,
  report: sound,
  threads: [at('leaving'), at('leaving'), at('leaving')],
  findings: [],
  ...over,
});

describe('what went wrong in a cell', () => {
  test('is nothing when it ended well and reported that all was right', () => {
    expect(failureOf(plan, ended({}))).toBeUndefined();
  });

  test('is a crash when a signal came after a good report: success counts to the end', () => {
    const failure = failureOf(plan, ended({ exit: { code: null, signal: 'SIGSEGV' } }));
    expect(failure).toMatchObject({ code: 'thread-crash', operation: null });
    expect(failure?.what).toBe(
      'crashed while a thread that had loaded it ended: the process was killed by SIGSEGV (segmentation fault)',
    );
  });

  test('is a crash when the process ended well by itself before it had reported', () => {
    expect(failureOf(plan, ended({ report: undefined }))?.what).toContain(
      'exited before its threads were done',
    );
  });

  test('names the worker that was in a call, of several the one that had come least far', () => {
    const threads = [at('waiting'), at('calling', 1, 7), at('calling', 0, 3)];
    const failure = failureOf(
      plan,
      ended({ exit: { code: 139, signal: 'SIGSEGV' }, report: undefined, threads }),
    );
    expect(failure).toMatchObject({ worker: 2, operation: 0 });
  });

  test('is a wrong result also when the worker was ended before it could tell which', () => {
    expect(failureOf(plan, ended({ report: { ...sound, wrong: 1 } }))).toMatchObject({
      code: 'wrong-result',
      worker: null,
      wrong: 1,
    });
  });

  test('is that nothing moved, whatever the code of a process that had to be ended', () => {
    const threads = [at('waiting'), at('calling', 0, 1), at('calling', 1, 1)];
    expect(failureOf(plan, ended({ stalled: true, report: undefined, threads }))?.code).toBe('thread-hang');
  });
});

test('what cells that failed have in common, and others have not', () => {
  const all = ORDERS.flatMap((order) => DOORS.map((door): Cell => ({ order, door, state: 'idle' })));
  const failed = all.filter(({ order }) => order === 'worker-only');
  expect(commonTo(failed, all)).toEqual(['where workers alone load it']);
  expect(commonTo(all, all)).toEqual([]);
});
