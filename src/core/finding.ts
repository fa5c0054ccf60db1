import type { Form } from './entry.ts';
import type { StartPair } from './init.ts';
import type { Snapshot } from './snapshot.ts';
import type { Cell, MemorySample } from './threads.ts';

/** A process as a finding names it. */
export interface ProcessSighting {
  readonly pid: number;
  readonly command: string;
  readonly ageMs: number;
}

/** Processes as a finding has them: the first ones. */
export interface Sightings {
  readonly processes: readonly ProcessSighting[];
  /** How many there were in all. */
  readonly count: number;
}

const LONGEST_COMMAND = 120;

/** A command line for a person to read: of a long one the middle is left out, since both its ends tell who it is. */
export function shortCommand(command: string): string {
  if (command.length <= LONGEST_COMMAND) return command;
  const half = (LONGEST_COMMAND - 3) / 2;
  return `${command.slice(0, Math.ceil(half))} … ${command.slice(-Math.floor(half))}`;
}

/** `python3 app.py (pid 4711)` */
export const showProcess = ({ command, pid }: Pick<ProcessSighting, 'command' | 'pid'>): string =>
  `${shortCommand(command)} (pid ${pid})`;

/** Lines of output that matched a pattern. */
export interface OutputMatch {
  /** Line number in the output of the step, from 1. */
  readonly line: number;
  readonly text: readonly string[];
}

/** The smallest trial that still failed. */
export interface SmallestFailure {
  readonly workers: number;
  /** The calls that are made; none: the module is only loaded. */
  readonly operations: readonly string[];
  readonly callsEach: number;
}

/** Under which circumstances threads of a module failed. */
export interface ThreadCircumstances {
  /** The first combination that failed: who loads, how the threads end, what they do meanwhile. */
  readonly cell: Cell;
  readonly failedCells: number;
  readonly triedCells: number;
  /** From 1; 0 is the main thread; null: it cannot be told. */
  readonly worker: number | null;
  /** The call that was under way, or was wrong. */
  readonly operation: string | null;
  readonly seed: number;
  readonly smallest: SmallestFailure | null;
}

/** Exports of an entry point of a package that something is told of. */
export interface ExportSighting {
  /** As an import writes it: `lodash/fp`. */
  readonly specifier: string;
  /** How it was loaded. */
  readonly forms: readonly Form[];
  /** File, relative to `node_modules`, and line from 1, of the declaration; null where there is none. */
  readonly exports: readonly {
    readonly name: string;
    readonly file: string | null;
    readonly line: number | null;
  }[];
}

/** What type checkers object to, in the files of one package or of the sample. */
export interface TypeErrors {
  readonly culprit: string;
  readonly errors: readonly {
    readonly file: string;
    /** From 1; null: no line of the file. */
    readonly line: number | null;
    /** As the checker numbers it: `TS2307`. */
    readonly number: string;
    readonly text: string;
    /** Under which checkers and settings: `typescript 5.7 node16`. */
    readonly where: readonly string[];
  }[];
}

interface FindingBase {
  /** The cause in one line, complete by itself. */
  readonly message: string;
  /** Which process of the component it concerns: a step or a service. */
  readonly step?: string;
  /** Evidence: the lines of output that a person would otherwise open the log for. */
  readonly evidence?: readonly string[];
  /** The next step. */
  readonly hint?: string;
}

/** The time of a start over that of the bare interpreter: the median of pairs, and its interval of 95 %. */
interface StartRatio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** One observed fact, with a stable code. */
export type Finding = FindingBase &
  (
    | { readonly code: 'exit-code'; readonly exitCode: number | null; readonly signal: string | null }
    | {
        readonly code: 'forbidden-output';
        readonly pattern: string;
        readonly count: number;
        readonly matches: readonly OutputMatch[];
      }
    | { readonly code: 'missing-output'; readonly pattern: string }
    | { readonly code: 'slow-pattern'; readonly pattern: string }
    | { readonly code: 'missing-program'; readonly program: string }
    | { readonly code: 'cannot-start' }
    | ({ readonly code: 'timeout'; readonly limitMs: number } & Snapshot)
    | { readonly code: 'not-ready'; readonly waitedMs: number }
    | { readonly code: 'service-died'; readonly exitCode: number | null; readonly signal: string | null }
    | { readonly code: 'port-taken'; readonly port: number; readonly holder: ProcessSighting | null }
    | { readonly code: 'port-blocked'; readonly port: number; readonly holder: ProcessSighting }
    | { readonly code: 'foreign-listener'; readonly port: number; readonly holder: ProcessSighting | null }
    | { readonly code: 'port-still-open'; readonly port: number; readonly holder: ProcessSighting | null }
    | ({ readonly code: 'leaked-process' } & Sightings)
    | ({ readonly code: 'killed' } & Sightings)
    | { readonly code: 'stop-failed' }
    | { readonly code: 'setup-failed' }
    | { readonly code: 'setup-waited' }
    | { readonly code: 'unknown-secret'; readonly name: string }
    | ({ readonly code: 'swept' } & Sightings)
    | { readonly code: 'zero-work' }
    | { readonly code: 'unexpected-response'; readonly count: number }
    | { readonly code: 'protocol-error'; readonly count: number }
    | { readonly code: 'request-failed'; readonly count: number }
    | {
        readonly code: 'threshold';
        readonly expression: string;
        /** In the unit of the threshold; null: there was nothing to measure. */
        readonly actual: number | null;
        readonly atLeast: boolean;
      }
    | { readonly code: 'threshold-undecided'; readonly expression: string }
    | { readonly code: 'generator-saturated' }
    | { readonly code: 'saturation-refused' }
    | ({
        readonly code: 'thread-crash';
        readonly exitCode: number | null;
        readonly signal: string | null;
      } & Partial<ThreadCircumstances>)
    | ({ readonly code: 'thread-hang'; readonly waitedMs: number } & Partial<ThreadCircumstances>)
    | ({ readonly code: 'thread-load' } & ThreadCircumstances)
    | ({ readonly code: 'wrong-result'; readonly count: number } & Partial<ThreadCircumstances>)
    | {
        readonly code: 'memory-leak';
        readonly bytesPerCall: number;
        readonly samples: readonly MemorySample[];
      }
    | { readonly code: 'cannot-load' }
    | { readonly code: 'other-runtime' }
    | { readonly code: 'gil-enabled'; readonly module: string | null }
    | { readonly code: 'lost-error'; readonly count: number }
    | { readonly code: 'not-repeatable'; readonly operations: readonly string[] }
    | { readonly code: 'nothing-compared' }
    | { readonly code: 'control-failed'; readonly cells: readonly Cell[] }
    | { readonly code: 'preset-not-in-force'; readonly preset: string }
    | { readonly code: 'ended-early' }
    | {
        readonly code: 'init-failed';
        /** What the process was doing; null: all was done, and it ended. */
        readonly doing: string | null;
        readonly exitCode: number | null;
        readonly signal: string | null;
      }
    | { readonly code: 'init-hang'; readonly doing: string | null; readonly waitedMs: number }
    | { readonly code: 'init-unsupported' }
    | { readonly code: 'two-instances'; readonly differing: readonly string[] }
    | { readonly code: 'singleton-differs'; readonly differing: readonly string[] }
    | ({ readonly code: 'cold-start'; readonly budget: number } & StartRatio)
    | ({ readonly code: 'cold-start-undecided'; readonly budget: number } & StartRatio)
    | { readonly code: 'denied-module'; readonly denied: string; readonly modules: readonly string[] }
    | ({
        readonly code: 'start-profile';
        readonly pairs: readonly StartPair[];
        readonly modules: readonly string[];
      } & StartRatio)
    | { readonly code: 'interrupted'; readonly signal: string }
    | { readonly code: 'log-incomplete' }
    | { readonly code: 'memory-unwatched' }
    | { readonly code: 'not-believed' }
    | { readonly code: 'runs-left' }
    | { readonly code: 'missing-file'; readonly promise: string; readonly file: string }
    | {
        readonly code: 'unloadable-entry';
        readonly specifier: string;
        readonly form: Form;
        /** How many entry points and forms there are that do not work for the same reason. */
        readonly count: number;
      }
    | { readonly code: 'entries-left-out' | 'entries-untried'; readonly count: number }
    | ({
        readonly code:
          | 'missing-export'
          | 'unimportable-export'
          | 'wrong-default'
          | 'undeclared-export'
          | 'forms-differ'
          | 'module-format'
          | 'unresolved-types'
          | 'untyped'
          | 'third-party-types';
      } & ExportSighting)
    | ({ readonly code: 'type-error' | 'foreign-type-error' } & TypeErrors)
    | { readonly code: 'no-compiler' }
    | { readonly code: 'accepted-misuse'; readonly file: string; readonly where: readonly string[] }
    | { readonly code: 'unsupported-node'; readonly needed: string }
    | { readonly code: 'machine-trouble' }
    | { readonly code: 'internal-error' }
  );

export type FindingCode = Finding['code'];

/** What a finding does to the verdict of its component. A note is told and changes nothing. */
export const CONSEQUENCE = {
  'exit-code': 'failed',
  'forbidden-output': 'failed',
  'missing-output': 'failed',
  'slow-pattern': 'inconclusive',
  'missing-program': 'failed',
  'cannot-start': 'failed',
  timeout: 'failed',
  'not-ready': 'failed',
  'service-died': 'failed',
  'port-taken': 'failed',
  'port-blocked': 'inconclusive',
  'foreign-listener': 'failed',
  'port-still-open': 'failed',
  'leaked-process': 'failed',
  killed: 'note',
  'stop-failed': 'note',
  'setup-failed': 'failed',
  'setup-waited': 'note',
  'unknown-secret': 'note',
  swept: 'note',
  'zero-work': 'failed',
  'unexpected-response': 'failed',
  'protocol-error': 'failed',
  'request-failed': 'failed',
  threshold: 'failed',
  'threshold-undecided': 'inconclusive',
  'generator-saturated': 'note',
  'saturation-refused': 'inconclusive',
  'thread-crash': 'failed',
  'thread-hang': 'failed',
  'thread-load': 'failed',
  'wrong-result': 'failed',
  'memory-leak': 'failed',
  'cannot-load': 'failed',
  'gil-enabled': 'failed',
  'lost-error': 'failed',
  'not-repeatable': 'note',
  'nothing-compared': 'inconclusive',
  'control-failed': 'inconclusive',
  'preset-not-in-force': 'inconclusive',
  'ended-early': 'inconclusive',
  'init-failed': 'failed',
  'init-hang': 'failed',
  'init-unsupported': 'note',
  'two-instances': 'note',
  'singleton-differs': 'failed',
  'cold-start': 'failed',
  'cold-start-undecided': 'inconclusive',
  'denied-module': 'failed',
  'start-profile': 'note',
  interrupted: 'inconclusive',
  'log-incomplete': 'note',
  'not-believed': 'note',
  'runs-left': 'note',
  'memory-unwatched': 'note',
  'unsupported-node': 'inconclusive',
  'missing-file': 'failed',
  'unloadable-entry': 'failed',
  'entries-left-out': 'note',
  'entries-untried': 'inconclusive',
  'other-runtime': 'inconclusive',
  'missing-export': 'failed',
  'unimportable-export': 'failed',
  'wrong-default': 'failed',
  'undeclared-export': 'note',
  'forms-differ': 'note',
  'module-format': 'note',
  'unresolved-types': 'failed',
  untyped: 'note',
  'third-party-types': 'note',
  'type-error': 'failed',
  'foreign-type-error': 'note',
  'accepted-misuse': 'failed',
  'no-compiler': 'inconclusive',
  'machine-trouble': 'inconclusive',
  'internal-error': 'failed',
} as const satisfies Record<FindingCode, 'failed' | 'inconclusive' | 'note'>;
