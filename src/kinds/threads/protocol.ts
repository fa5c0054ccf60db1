/** What the processes that use a module from several threads are told, and what they report: all plain data. */

/** Who loads the module: workers alone, the main thread before them, or all of them at the same moment. */
export const ORDERS = ['worker-only', 'main-first', 'all-at-once'] as const;
/** How the threads end; the last two by an uncaught error. */
export const DOORS = ['natural', 'terminate', 'process-exit', 'throw', 'rejection'] as const;
/** What the threads are doing when they end: waiting after their calls, or in the middle of them. */
export const STATES = ['idle', 'in-flight'] as const;

export type Order = (typeof ORDERS)[number];
export type Door = (typeof DOORS)[number];
export type State = (typeof STATES)[number];

/** One combination of circumstances: a process of its own. */
export interface Cell {
  readonly order: Order;
  readonly door: Door;
  readonly state: State;
}

export const showCell = ({ order, door, state }: Cell): string => `${order}, ${door}, ${state}`;

/** How far a thread got. The journal holds the index in this list. */
export const PHASES = ['starting', 'loading', 'loaded', 'calling', 'waiting', 'leaving'] as const;
export type Phase = (typeof PHASES)[number];

/** The fields of a thread's record in the journal, each 32 bits wide. */
export const RECORD = { phase: 0, operation: 1, calls: 2, wrong: 3 } as const;
export const RECORD_FIELDS = 4;

/** An exported function with the arguments that it is called with. */
export interface Operation {
  /** Name of the export. */
  readonly name: string;
  /** The call as people would write it, shortened if it is long. */
  readonly label: string;
  /** The bytes among its arguments are in memory that all threads share. */
  readonly shared: boolean;
  /** It changes its arguments, so each call gets a copy. */
  readonly mutates: boolean;
  /** Several serial calls gave the same result; otherwise results are not compared. */
  readonly repeatable: boolean;
}

/** Where the arguments of the calls come from. */
export type Inputs =
  | { readonly type: 'values'; readonly values: Readonly<Record<string, readonly (readonly unknown[])[]>> }
  | { readonly type: 'module'; readonly path: string };

/** Asks for a serial survey of a module: what it exports, and what each call gives. */
export interface SurveyRequest {
  readonly type: 'survey';
  readonly report: string;
  /** A path, or a package name. */
  readonly module: string;
  /** The folder from which packages are found. */
  readonly cwd: string;
  /** The functions to call; null: those that `inputs` names. */
  readonly exports: readonly string[] | null;
  readonly inputs: Inputs | null;
  /** A path or package name whose functions of the same names give the right results; null: the module itself. */
  readonly oracle: string | null;
  /** Call every function without parameters where neither `exports` nor `inputs` names any. */
  readonly callAll: boolean;
}

/** What a serial survey of a module found. */
export interface Survey {
  /** The address that threads load. */
  readonly url: string;
  readonly operations: readonly Operation[];
  /** Requested names that are not exported functions. */
  readonly missing: readonly string[];
  /** The names of all exported functions. */
  readonly functions: readonly string[];
  /** Arguments and outcomes of the operations, as `v8.serialize` writes them, in base64. */
  readonly values: string;
  /** Something keeps the process alive after all is done, so none of its threads ends by itself. */
  readonly keepsAlive: boolean;
  /** Why the module cannot be loaded at all: what was thrown, and its code. */
  readonly failure: { readonly words: string; readonly code: string | null } | null;
}

/** Asks for one cell, in a process of its own. */
export interface CellRequest {
  readonly type: 'cell';
  readonly report: string;
  /** The file of the journal. */
  readonly journal: string;
  /** The report of the survey. */
  readonly survey: string;
  readonly cell: Cell;
  readonly workers: number;
  /** Calls that each worker makes. */
  readonly calls: number;
  /** Which operations of the survey are called. */
  readonly operations: readonly number[];
  readonly seed: number;
  /** Write each operation down before it is made: slow, and exact also after a crash. */
  readonly exact: boolean;
  /** Load nothing and call nothing: what fails then is not the module's fault. */
  readonly empty: boolean;
}

/** A result that differs from that of a serial call. */
export interface Mismatch {
  /** From 1. */
  readonly worker: number;
  readonly operation: number;
  /** Which of its worker's calls it was, from 1. */
  readonly call: number;
  readonly expected: string;
  readonly actual: string;
}

/** The results of a cell, written before its process ends. */
export interface CellReport {
  readonly calls: number;
  readonly wrong: number;
  /** The first few of them. */
  readonly mismatches: readonly Mismatch[];
  /** Workers in which the module could not be loaded; worker 0 is the main thread. */
  readonly notLoaded: readonly { readonly worker: number; readonly message: string }[];
  /** Workers that did not end by the door of the cell. */
  readonly broken: readonly { readonly worker: number; readonly message: string }[];
}

/** Asks how memory grows with the number of calls. */
export interface LeakRequest {
  readonly type: 'leak';
  readonly report: string;
  readonly survey: string;
  readonly operations: readonly number[];
  readonly seed: number;
}

/** The peak of memory after a number of calls. */
export interface MemorySample {
  readonly calls: number;
  readonly peakBytes: number;
}

export type HarnessRequest = SurveyRequest | CellRequest | LeakRequest;
