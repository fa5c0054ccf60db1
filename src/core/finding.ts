import type { Harm } from './harm.ts';
import type { FaultType } from './http-fault.ts';
import type { FaultName } from './proof.ts';
import { endOf, startOf } from './shorten.ts';
import type { Snapshot } from './snapshot.ts';

/** A process as a finding names it. */
export interface ProcessSighting {
  readonly pid: number;
  readonly command: string;
  readonly ageMs: number;
}

/** The processes in a finding: only the first few. */
export interface Sightings {
  readonly processes: readonly ProcessSighting[];
  /** How many there were in all. */
  readonly count: number;
}

const LONGEST_COMMAND = 120;

/** A command line for people to read. The middle of a long one is left out, since both its ends help to recognise it. */
export function shortCommand(command: string): string {
  if (command.length <= LONGEST_COMMAND) return command;
  const half = (LONGEST_COMMAND - 3) / 2;
  return `${startOf(command, Math.ceil(half))} … ${endOf(command, Math.floor(half))}`;
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

/** The first error that a service printed while it was in use. */
export interface Meanwhile {
  readonly step: string;
  readonly message: string;
}

/** A change that mends what was found. */
export interface Mend {
  readonly file: string;
  readonly lines: readonly string[];
}

interface FindingBase {
  /** The cause in one line that needs no context. */
  readonly message: string;
  /** Which process of the component it concerns: a step or a service. */
  readonly step?: string;
  /** Evidence: the lines of output that people would otherwise open the log for. */
  readonly evidence?: readonly string[];
  /** The first error that each service printed while the client ran, which may be why it failed. */
  readonly meanwhile?: readonly Meanwhile[];
  /** The next step. */
  readonly hint?: string;
  /** Of a mistake in a package: whom it hurts. */
  readonly hurts?: Harm;
  /** Of a mistake in a package: what other findings of the trial that come from the same mistake have here as well. */
  readonly mistake?: string;
  /** The change that mends it: the lines to write, and the file to write them in. */
  readonly mend?: Mend;
  /** Where it is not that of its code, since it hurts nobody, or a strict trial wants nobody to be hurt later. */
  readonly consequence?: Consequence;
}

/** `meanwhile server printed: KeyError: 'rows'` */
export const meanwhileLines = ({ meanwhile = [] }: Pick<FindingBase, 'meanwhile'>): string[] =>
  meanwhile.map(({ step, message }) => `meanwhile ${step} printed: ${message}`);

/** What a finding does to the verdict of its component. A note is shown and changes nothing. */
export type Consequence = 'failed' | 'inconclusive' | 'note';

/** A code: what it does to a verdict, and the details that its findings have besides those that all have. */
export interface Declaration<Details = unknown> {
  readonly consequence: Consequence;
  /** Only for the compiler. */
  readonly details?: Details;
}

export type Declarations<Code extends string = string> = Readonly<Record<Code, Declaration>>;

export const failed = <Details>(): Declaration<Details> => ({ consequence: 'failed' });
export const inconclusive = <Details>(): Declaration<Details> => ({ consequence: 'inconclusive' });
export const note = <Details>(): Declaration<Details> => ({ consequence: 'note' });

/** The details by code. */
export type DetailsOf<Table> = {
  [Code in keyof Table]: Table[Code] extends Declaration<infer Details> ? Details : never;
};

/** A step that was to undo something, and how it has failed. */
export interface UndoneInVain {
  readonly command: string;
  /** Null if it was stopped, or could not start. */
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** The findings that any command, service or run can have. */
export const CORE_FINDINGS = {
  'exit-code': failed<{ readonly exitCode: number | null; readonly signal: string | null }>(),
  'forbidden-output': failed<{
    readonly pattern: string;
    readonly count: number;
    readonly matches: readonly OutputMatch[];
  }>(),
  flaky: failed(),
  'missing-output': failed<{ readonly pattern: string }>(),
  'slow-pattern': inconclusive<{ readonly pattern: string }>(),
  'zero-work': failed(),
  'failed-tests': failed<{ readonly count: number }>(),
  'stale-results': failed(),
  'missing-results': failed(),
  'unreadable-results': inconclusive(),
  'cached-tests': note(),
  'untold-tests': note(),
  'missing-program': failed<{ readonly program: string }>(),
  'cannot-start': failed(),
  timeout: failed<{ readonly limitMs: number } & Snapshot>(),
  'not-ready': failed<{ readonly waitedMs: number }>(),
  'service-died': failed<{ readonly exitCode: number | null; readonly signal: string | null }>(),
  'port-taken': failed<{ readonly port: number; readonly holder: ProcessSighting | null }>(),
  'port-blocked': inconclusive<{ readonly port: number; readonly holder: ProcessSighting }>(),
  'foreign-listener': failed<{
    /** Null for a socket in the file system. */
    readonly port: number | null;
    /** Of that socket, as the config has it. */
    readonly path?: string;
    readonly holder: ProcessSighting | null;
  }>(),
  'port-still-open': failed<{ readonly port: number; readonly holder: ProcessSighting | null }>(),
  'leaked-process': failed<Sightings>(),
  killed: note<Sightings>(),
  'stop-failed': note(),
  'fault-unused': inconclusive<{ readonly fault: FaultType; readonly answers: number }>(),
  'no-engine': failed(),
  'no-image': failed(),
  'build-failed': failed(),
  'compose-failed': failed(),
  'container-left': failed(),
  'setup-failed': failed(),
  'setup-waited': note(),
  'undo-failed': failed<UndoneInVain>(),
  'teardown-failed': failed<UndoneInVain>(),
  undone: note(),
  'undo-left': note(),
  'undo-waited': note(),
  'unknown-secret': note<{ readonly name: string }>(),
  'unsupported-node': inconclusive<{ readonly needed: string }>(),
  swept: note<Sightings>(),
  interrupted: inconclusive<{ readonly signal: string }>(),
  'ended-early': inconclusive(),
  'missing-shard': inconclusive(),
  'doubled-shard': inconclusive(),
  'foreign-shard': inconclusive(),
  'broken-shard': inconclusive(),
  'log-incomplete': note(),
  'not-believed': note(),
  'runs-left': note(),
  'machine-trouble': inconclusive(),
  'internal-error': failed(),
  blind: failed<FaultName>(),
  'wrong-reason': failed<FaultName>(),
  'not-reached': inconclusive<FaultName>(),
  unproved: note<FaultName>(),
  'ignored-fault': note<FaultName>(),
  'needless-ignore': note<FaultName>(),
  'instrument-disturbs': inconclusive(),
  'nothing-to-sabotage': inconclusive(),
  'unknown-fault': inconclusive(),
  'not-tried': inconclusive<FaultName>(),
};

/** The details of all findings. Load and the kinds add their own, each in its `findings.ts`. */
export interface FindingDetails extends DetailsOf<typeof CORE_FINDINGS> {}

export type FindingCode = keyof FindingDetails;

export type FindingOf<Code extends FindingCode> = {
  [C in Code]: FindingBase & { readonly code: C } & FindingDetails[C];
}[Code];

/** One observed fact, with a stable code. */
export type Finding = FindingOf<FindingCode>;

/**
 * @returns the declarations of all tables
 * @throws Error for a code that two tables have
 */
export function joinDeclarations<Code extends string>(tables: readonly Declarations[]): Declarations<Code> {
  const all = tables.flatMap((table) => Object.entries(table));
  const codes = all.map(([code]) => code);
  const twice = codes.find((code, index) => codes.indexOf(code) < index);
  if (twice !== undefined) throw new Error(`the finding ${twice} is declared twice`);
  return Object.fromEntries(all) as Declarations<Code>;
}
