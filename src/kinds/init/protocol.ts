/** What the programs that start a module report: one document each, rewritten at each step. */
import type { Form } from '../../core/entry.ts';

/** One way in which a module is loaded and used for the first time, in a process of its own. */
export type Scenario =
  /** As one of several processes released at the same moment. */
  | 'process'
  /** By `import` and by `require`, in one process. */
  | 'formats'
  /** In a worker; the main thread has not loaded it. */
  | 'worker'
  /** In the main thread, then in one worker after the other. */
  | 'reload'
  /** In a `node:vm` context, with its own `Object`, `Array` and `Error`. */
  | 'vm'
  /** In the parent, then in processes that it forks. */
  | 'fork'
  /** In interpreters within one process, one after the other. */
  | 'subinterpreter'
  /** The same, with only the standard library modules that it loads. */
  | 'subinterpreter-control';

/** How far a process got, and what it found. */
export interface InitReport {
  /** What it is doing, as in "while …"; null once everything is done and it only has to exit. */
  readonly doing: string | null;
  /** Why there was nothing to try; null if there was. */
  readonly notTried: string | null;
  /** How it fails in a place where it loads but need not work; null if it does not fail. */
  readonly unsupported: string | null;
  /** How it was loaded: by `require` only if the package cannot be imported. */
  readonly form: Form;
  /** Exports of which `import()` and `require()` give different instances. */
  readonly differing: readonly string[];
  /** What keeps the process from ending, as Node names it. */
  readonly open: readonly string[];
}

export const NOTHING_DONE: InitReport = {
  doing: 'starting',
  notTried: null,
  unsupported: null,
  form: 'import',
  differing: [],
  open: [],
};

/** The variable that names the file for the report. */
export const REPORT_VARIABLE = 'SHAKEDOWN_INIT_REPORT';
/** The variable that names the gate: a named pipe that opens for all its readers at the same moment. */
export const GATE_VARIABLE = 'SHAKEDOWN_INIT_GATE';

/** The modules loaded at start that the bare interpreter does not load. */
export interface LoadedModules {
  /** Absolute paths, or names of built-in modules, such as `node:http`; of Python, names of modules. */
  readonly modules: readonly string[];
}

/** A start of the bare interpreter and one with the module, back to back. Milliseconds from spawn to exit. */
export interface StartPair {
  readonly bareMs: number;
  readonly loadMs: number;
}

/** What is to be measured. */
export interface StartTrial {
  readonly bare: readonly [string, ...string[]];
  readonly load: readonly [string, ...string[]];
  readonly pairs: number;
  /** After this many milliseconds no further pair is begun, unless there are fewer than `fewestPairs`. */
  readonly limitMs: number;
  readonly fewestPairs: number;
}

export interface StartTimes {
  readonly pairs: readonly StartPair[];
}
