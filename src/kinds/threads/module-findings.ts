/** Turns the results of a module's trial into findings. */
import type { Finding } from '../../core/finding.ts';
import { type Ms, plural } from '../../core/units.ts';
import { describeExit } from '../../process/system/exit.ts';
import type { ComponentContext } from '../common/context.ts';
import { foreignNeed, notForHere } from '../common/other-runtimes.ts';
import type { ModuleTrial } from './component.ts';
import { ASPECTS, commonTo, type Failure } from './failure.ts';
import type { SmallestFailure } from './findings.ts';
import { group } from './group.ts';
import { judgeGrowth } from './growth.ts';
import type { Ended } from './process.ts';
import { type Cell, type MemorySample, type Survey, showCell } from './protocol.ts';

const OUTPUT_LINES = 6;
const NAMES = 8;

const list = (names: readonly string[]): string =>
  names.length <= NAMES ? names.join(', ') : `${names.slice(0, NAMES).join(', ')} …`;

/** What the serial survey shows before there is any thread. */
export function surveyFindings(
  module: string,
  trial: ModuleTrial,
  { report, exit, stalled, output, findings }: Ended<Survey>,
): Finding[] {
  if (report === undefined || stalled || exit.code !== 0) {
    const how = stalled ? 'got stuck' : describeExit(exit);
    const cause =
      report === undefined ? 'while it was loaded and called serially' : 'after all serial calls were done';
    return [
      ...findings,
      {
        code: 'cannot-load',
        message: `${module} cannot be tried: its process ${how} ${cause}`,
        evidence: output,
      },
    ];
  }
  const { failure } = report;
  const need =
    failure === null ? undefined : foreignNeed(failure.words, { code: failure.code, file: module });
  if (need !== undefined) return [...findings, notForHere(module, need)];
  if (failure !== null)
    return [
      ...findings,
      { code: 'cannot-load', message: `${module} cannot be tried: ${failure.words.split('\n')[0]}` },
    ];
  if (report.missing.length > 0)
    return [
      ...findings,
      {
        code: 'cannot-load',
        message: `${module} exports no function ${report.missing.join(', ')}`,
        hint:
          report.functions.length === 0 ? 'it exports no function' : `it exports ${list(report.functions)}`,
      },
    ];
  const wanted = trial.exports !== null || trial.inputs !== null || trial.iterations !== null;
  if (wanted && report.operations.length === 0)
    return [
      ...findings,
      {
        code: 'zero-work',
        message: `nothing of ${module} was called: it exports no function without parameters, and you named none`,
        hint: `name functions in \`exports\`, or give them \`inputs\`: it exports ${list(report.functions)}`,
      },
    ];
  return [...findings, ...comparability(module, report)];
}

function comparability(module: string, { operations }: Survey): Finding[] {
  const varying = operations.filter(({ repeatable }) => !repeatable).map(({ label }) => label);
  if (varying.length === 0) return [];
  if (varying.length === operations.length)
    return [
      {
        code: 'nothing-compared',
        message: `no result of ${module} could be compared: every serial call of ${list(varying)} gives a different one`,
        hint: 'give inputs whose results repeat, or an `oracle`',
      },
    ];
  return [
    {
      code: 'not-repeatable',
      message: `the results of ${list(varying)} differ between serial calls, so they were not compared`,
      operations: varying,
    },
  ];
}

/** What a finding about threads is made of. */
export interface Facts {
  /** As people call it. */
  readonly module: string;
  readonly survey: Survey;
  readonly failed: readonly Cell[];
  readonly tried: readonly Cell[];
  readonly smallest: SmallestFailure | null;
  readonly context: ComponentContext;
  readonly stall: Ms;
  /** It happened again, with each call written down before it was made. */
  readonly recurred: boolean;
}

export function threadFinding(failure: Failure, facts: Facts): Finding {
  const { code, plan, exit, worker } = failure;
  const { survey, failed, tried, smallest, context } = facts;
  const operation = failure.operation === null ? null : (survey.operations[failure.operation]?.label ?? null);
  const base = {
    message: messageOf(failure, operation, facts),
    evidence: evidenceOf(failure, facts),
    hint: `the same again: ${context.reproduce}`,
    cell: plan.cell,
    failedCells: failed.length,
    triedCells: tried.length,
    worker,
    operation,
    seed: plan.seed,
    smallest,
  };
  switch (code) {
    case 'thread-crash':
      return { ...base, code, exitCode: exit.code, signal: exit.signal };
    case 'wrong-result':
      return { ...base, code, count: failure.wrong };
    case 'thread-hang':
      return { ...base, code, waitedMs: facts.stall };
    case 'thread-load':
      return { ...base, code };
  }
}

function messageOf(failure: Failure, operation: string | null, { module, failed, tried }: Facts): string {
  const cells = `${failed.length} of ${plural(tried.length, 'cell')}`;
  const { code, worker } = failure;
  if (code !== 'wrong-result') {
    const common = commonTo(failed, tried);
    const where = common.length === 0 ? cells : `only ${common.join(', ')}: ${cells}`;
    const who = worker === null || worker === 0 ? '' : ` of worker ${worker}`;
    const call = operation === null ? '' : `, in ${operation}${who}`;
    return `${module} ${failure.what}${call} (${where})`;
  }
  const [mismatch] = failure.mismatches;
  const got =
    mismatch === undefined
      ? 'a result differs from that of a serial call'
      : `${operation} gave ${mismatch.actual} in worker ${mismatch.worker}, call ${mismatch.call}, and ${mismatch.expected} serially`;
  return `${module}: ${got} (${plural(failure.wrong, 'wrong result')}; ${cells})`;
}

const labelIn = ({ operations }: Survey, operation: number): string =>
  operations[operation]?.label ?? `operation ${operation}`;

/** Where each thread stood when a cell failed; of wrong results that says nothing. */
export function standingLines({ threads, code }: Failure, survey: Survey): string[] {
  if (code === 'wrong-result') return [];
  return threads.map(({ phase, operation, calls }, index) => {
    const who = index === 0 ? 'main thread' : `worker ${index}`;
    const made = index === 0 ? '' : `, ${plural(calls, 'call')} made`;
    return `${who}: ${phase}${operation === null ? '' : ` ${labelIn(survey, operation)}`}${made}`;
  });
}

/** The first wrong results of a cell. */
export const mismatchLines = ({ mismatches }: Failure, survey: Survey): string[] =>
  mismatches
    .slice(0, 3)
    .map(
      ({ worker, call, operation, actual, expected }) =>
        `worker ${worker}, call ${call}: ${labelIn(survey, operation)} gave ${actual}, not ${expected}`,
    );

function evidenceOf(failure: Failure, { survey, failed, tried, smallest, recurred }: Facts): string[] {
  const { plan, output } = failure;
  return [
    `cell: ${showCell(plan.cell)}; seed ${plan.seed}`,
    ...standingLines(failure, survey),
    ...mismatchLines(failure, survey),
    ...(recurred
      ? []
      : ['it did not happen again with each call written down first; what was under way is a guess']),
    ...(failed.length === tried.length ? [] : ASPECTS.map((aspect) => tally(aspect, failed, tried))),
    ...(smallest === null ? [] : [showSmallest(smallest)]),
    ...output.slice(-OUTPUT_LINES),
  ];
}

/** `order: worker-only 10 of 10, main-first 0 of 10` */
function tally(aspect: keyof Cell, failed: readonly Cell[], tried: readonly Cell[]): string {
  const counts = [...group(tried, (cell) => cell[aspect])].map(([value, cells]) => {
    const bad = failed.filter((cell) => cell[aspect] === value).length;
    return `${value} ${bad} of ${cells.length}`;
  });
  return `${aspect}: ${counts.join(', ')}`;
}

function showSmallest({ workers, operations, callsEach }: SmallestFailure): string {
  const what =
    operations.length === 0 ? 'loading alone' : `${plural(callsEach, 'call')} each of ${list(operations)}`;
  return `smallest that fails: ${plural(workers, 'worker')}, ${what}`;
}

/** The result of many serial calls, without any threads. */
export function serialCrash(module: string, { exit, output }: Ended<unknown>): Finding {
  return {
    code: 'exit-code',
    message: `${module} ended its process when it was called many times, one call after the other: it ${describeExit(exit)}`,
    evidence: output,
    exitCode: exit.code,
    signal: exit.signal,
  };
}

const MIB = 2 ** 20;

/** Says that nobody could look for growth, rather than that there is none. */
export const memoryUnwatched = (name: string): Finding => ({
  code: 'memory-unwatched',
  message: `whether ${name} leaks memory was not checked: its calls take too long to make enough of them`,
  hint: 'give it smaller inputs, so that a call takes less than 10 ms',
});

/** @param name the function that leaks; null if only all of them together do */
export function leakFinding(
  name: string | null,
  samples: readonly MemorySample[],
  { reproduce }: ComponentContext,
): Finding {
  const { bytesPerCall, perCall, floor } = judgeGrowth(samples);
  const who = name === null ? 'all functions together leak' : `${name} leaks`;
  const growth = perCall.map((each) => each.toFixed(0)).join(', ');
  return {
    code: 'memory-leak',
    message: `${who} about ${Math.round(bytesPerCall)} bytes per call: peak memory grew with every doubling of the work`,
    evidence: [
      ...samples.map(
        ({ calls, peakBytes }) => `${plural(calls, 'call')}: ${(peakBytes / MIB).toFixed(1)} MiB at most`,
      ),
      `bytes for each call, doubling by doubling: ${growth}; less than ${floor.toFixed(0)} could not be told from noise`,
    ],
    hint: `the same again: ${reproduce}`,
    bytesPerCall,
    samples,
  };
}
