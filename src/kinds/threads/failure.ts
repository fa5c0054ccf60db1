/** What went wrong in a cell, and where in it. */

import { describeExit, type Exit } from '../../process/system/exit.ts';
import type { Ended, ThreadSnapshot } from './process.ts';
import type { Cell, CellReport, CellRequest, Mismatch } from './protocol.ts';

/** What can be varied to make a cell smaller. */
export type CellPlan = Pick<CellRequest, 'cell' | 'workers' | 'calls' | 'operations' | 'seed'>;

export type FailureCode = 'thread-crash' | 'thread-hang' | 'thread-load' | 'wrong-result';

export interface Failure {
  readonly code: FailureCode;
  readonly plan: CellPlan;
  readonly exit: Exit;
  /** Equal in two cells if the cause is the same, as far as can be told. */
  readonly cause: string;
  /** In words, to follow the name of the module. */
  readonly what: string;
  readonly worker: number | null;
  /** By its number in the survey. */
  readonly operation: number | null;
  readonly threads: readonly ThreadSnapshot[];
  readonly output: readonly string[];
  readonly mismatches: readonly Mismatch[];
  readonly wrong: number;
}

type Threads = readonly ThreadSnapshot[];

/** What unfinished threads are doing, the most telling first. */
const TELLING = ['calling', 'loading', 'leaving', 'loaded', 'starting', 'waiting'] as const;

const WHILE = {
  calling: 'while it made calls',
  loading: 'while it was being loaded',
  leaving: 'while a thread that had loaded it ended',
  loaded: 'right after it was loaded',
  starting: 'before it was loaded',
  waiting: 'while threads that had loaded it waited',
} as const;

/** Where a process stood as a whole: once the door has opened, at the door. */
function phaseOf(threads: Threads): (typeof TELLING)[number] {
  const [main, ...workers] = threads;
  if (main?.phase === 'leaving') return 'leaving';
  return (
    TELLING.find((phase) => workers.some((worker) => worker.phase === phase)) ?? main?.phase ?? 'starting'
  );
}

/** The worker, if there is only one. */
function onlyOne(threads: Threads, is: (thread: ThreadSnapshot) => boolean): number | null {
  const found = threads.flatMap((thread, index) => (index > 0 && is(thread) ? [index] : []));
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** A worker in the middle of a call, preferably the one with the fewest calls: in a race nothing more is known. */
function inCall(threads: Threads): number | null {
  const calling = threads.flatMap(({ operation, calls }, index) =>
    index > 0 && operation !== null ? [{ index, calls }] : [],
  );
  return calling.sort((a, b) => a.calls - b.calls)[0]?.index ?? null;
}

/** @returns the worst that happened in a cell; undefined when all was as it should be */
export function failureOf(plan: CellPlan, ended: Ended<CellReport>): Failure | undefined {
  const { exit, stalled, report, threads, output } = ended;
  const phase = phaseOf(threads);
  const base = {
    plan,
    exit,
    threads,
    output,
    mismatches: report?.mismatches ?? [],
    wrong: report?.wrong ?? 0,
  };
  const worker = phase === 'calling' ? inCall(threads) : onlyOne(threads, (each) => each.phase === phase);
  const operation = worker === null ? null : (threads[worker]?.operation ?? null);
  if (stalled)
    return {
      ...base,
      code: 'thread-hang',
      cause: `hang ${phase}`,
      what: `got stuck ${WHILE[phase]}`,
      worker,
      operation,
    };
  const [broken] = report?.broken ?? [];
  if (broken !== undefined)
    return {
      ...base,
      code: 'thread-crash',
      cause: `broken ${broken.message}`,
      what: `ended worker ${broken.worker}: ${broken.message}`,
      worker: broken.worker,
      operation: threads[broken.worker]?.operation ?? null,
    };
  if (exit.code !== 0 || report === undefined) {
    const how = exit.code === 0 ? 'exited before its threads were done' : describeExit(exit);
    return {
      ...base,
      code: 'thread-crash',
      cause: `${how} ${phase}`,
      what: `crashed ${WHILE[phase]}: the process ${how}`,
      worker,
      operation,
    };
  }
  const [notLoaded] = report.notLoaded;
  if (notLoaded !== undefined)
    return {
      ...base,
      code: 'thread-load',
      cause: notLoaded.message,
      what: `cannot be loaded in ${notLoaded.worker === 0 ? 'the main thread' : 'a worker'}: ${notLoaded.message}`,
      worker: notLoaded.worker,
      operation: null,
    };
  if (report.wrong === 0) return undefined;
  const [mismatch] = report.mismatches;
  return {
    ...base,
    code: 'wrong-result',
    cause: 'wrong',
    what: '',
    // A worker's reports may be lost when it is terminated; its count is not.
    worker: mismatch?.worker ?? null,
    operation: mismatch?.operation ?? null,
  };
}

export const ASPECTS = ['order', 'door', 'state'] as const;

const IN_WORDS = {
  'worker-only': 'where workers alone load it',
  'main-first': 'where the main thread loads it first',
  'all-at-once': 'where all threads load it at once',
  natural: 'where threads end by themselves',
  terminate: 'where threads are terminated',
  'process-exit': 'where the process exits',
  throw: 'where threads end by an error',
  rejection: 'where threads end by a rejection',
  idle: 'where threads are idle at the end',
  'in-flight': 'where threads exit in the middle of calls',
} as const satisfies Record<Cell[(typeof ASPECTS)[number]], string>;

/** What sets the failed cells apart from the others, in words. */
export function commonTo(failed: readonly Cell[], tried: readonly Cell[]): readonly string[] {
  return ASPECTS.flatMap((aspect) => {
    const values = new Set(failed.map((cell) => cell[aspect]));
    const others = tried.some((cell) => !values.has(cell[aspect]));
    return others ? [[...values].map((value) => IN_WORDS[value]).join(' or ')] : [];
  });
}
