import type { Snapshot } from './snapshot.ts';

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

interface FindingBase {
  /** The cause in one line, complete by itself. */
  readonly message: string;
  /** Which process of the component it concerns: a step or a service. */
  readonly step?: string;
  /** Evidence: the lines of output that a person would otherwise open the log for. */
  readonly evidence?: readonly string[];
  /** The first error that each service has printed while the client ran, which may be why it failed. */
  readonly meanwhile?: readonly { readonly step: string; readonly message: string }[];
  /** The next step. */
  readonly hint?: string;
}

/** `meanwhile server printed: KeyError: 'rows'` */
export const meanwhileLines = ({ meanwhile = [] }: Pick<FindingBase, 'meanwhile'>): string[] =>
  meanwhile.map(({ step, message }) => `meanwhile ${step} printed: ${message}`);

/** What findings have that any command, service or run can have, beside what all have. */
export interface CoreFindings {
  'exit-code': { readonly exitCode: number | null; readonly signal: string | null };
  'forbidden-output': {
    readonly pattern: string;
    readonly count: number;
    readonly matches: readonly OutputMatch[];
  };
  'missing-output': { readonly pattern: string };
  'slow-pattern': { readonly pattern: string };
  'zero-work': unknown;
  'missing-program': { readonly program: string };
  'cannot-start': unknown;
  timeout: { readonly limitMs: number } & Snapshot;
  'not-ready': { readonly waitedMs: number };
  'service-died': { readonly exitCode: number | null; readonly signal: string | null };
  'port-taken': { readonly port: number; readonly holder: ProcessSighting | null };
  'port-blocked': { readonly port: number; readonly holder: ProcessSighting };
  'foreign-listener': { readonly port: number; readonly holder: ProcessSighting | null };
  'port-still-open': { readonly port: number; readonly holder: ProcessSighting | null };
  'leaked-process': Sightings;
  killed: Sightings;
  'stop-failed': unknown;
  'setup-failed': unknown;
  'setup-waited': unknown;
  'unknown-secret': { readonly name: string };
  'unsupported-node': { readonly needed: string };
  swept: Sightings;
  interrupted: { readonly signal: string };
  'ended-early': unknown;
  'log-incomplete': unknown;
  'not-believed': unknown;
  'runs-left': unknown;
  'machine-trouble': unknown;
  'internal-error': unknown;
}

/** What findings of each code have beside what all have. Load and the kinds add their own, each in its `findings.ts`. */
export interface FindingDetails extends CoreFindings {}

export type FindingCode = keyof FindingDetails;

export type FindingOf<Code extends FindingCode> = {
  [C in Code]: FindingBase & { readonly code: C } & FindingDetails[C];
}[Code];

/** One observed fact, with a stable code. */
export type Finding = FindingOf<FindingCode>;

/** What a finding does to the verdict of its component. A note is told and changes nothing. */
export type Consequence = 'failed' | 'inconclusive' | 'note';

/** One for each code of an interface of findings. */
export type Consequences<Findings> = Readonly<Record<keyof Findings, Consequence>>;

export const CORE_CONSEQUENCES = {
  'exit-code': 'failed',
  'forbidden-output': 'failed',
  'missing-output': 'failed',
  'slow-pattern': 'inconclusive',
  'zero-work': 'failed',
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
  'unsupported-node': 'inconclusive',
  swept: 'note',
  interrupted: 'inconclusive',
  'ended-early': 'inconclusive',
  'log-incomplete': 'note',
  'not-believed': 'note',
  'runs-left': 'note',
  'machine-trouble': 'inconclusive',
  'internal-error': 'failed',
} as const satisfies Consequences<CoreFindings>;

/**
 * @param tables consequences by code
 * @returns all of them
 * @throws Error for a code that two tables have
 */
export function joinConsequences<Code extends string>(
  tables: readonly Readonly<Partial<Record<Code, Consequence>>>[],
): Readonly<Record<Code, Consequence>> {
  const all = tables.flatMap((table) => Object.entries(table));
  const codes = all.map(([code]) => code);
  const twice = codes.find((code, index) => codes.indexOf(code) < index);
  if (twice !== undefined) throw new Error(`the finding ${twice} is declared twice`);
  return Object.fromEntries(all) as Record<Code, Consequence>;
}
