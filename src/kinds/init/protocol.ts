/** What the programs that try how a module starts tell of it: each writes one document, anew at each step. */
import type { Form } from '../../core/entry.ts';

/** One way in which a module is loaded and used for the first time, in a process of its own. */
export type Scenario =
  /** As one of several processes that are let go in the same moment. */
  | 'process'
  /** By `import` and by `require`, in one process. */
  | 'formats'
  /** In a worker, where the main thread has not loaded it. */
  | 'worker'
  /** In the main thread, then in one worker after the other. */
  | 'reload'
  /** In a context of `node:vm`, where `Object`, `Array` and `Error` are others. */
  | 'vm'
  /** In the parent, then in processes that it forks. */
  | 'fork'
  /** In interpreters within one process, one after the other. */
  | 'subinterpreter'
  /** The same with the modules of the standard library that it loads, and without itself. */
  | 'subinterpreter-control';

/** How far a process has come, and what it has seen. */
export interface InitReport {
  /** What it is doing, as it ends the words "while …"; null when all is done and only its end is left. */
  readonly doing: string | null;
  /** Why there was nothing to try; null when there was. */
  readonly notTried: string | null;
  /** How it fails where it was loaded without complaint, although it need not work there; null when it does not. */
  readonly unsupported: string | null;
  /** How it was loaded: by `require` where the package offers it to that alone. */
  readonly form: Form;
  /** Exports that `import()` and `require()` give two instances of. */
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
/** The variable that names the gate: a named pipe, whose reading side opens for all processes in the same moment. */
export const GATE_VARIABLE = 'SHAKEDOWN_INIT_GATE';

/** The names of the modules that were loaded at start beyond those of the bare interpreter. */
export interface LoadedModules {
  /** Absolute paths, or names of built-in modules, such as `node:http`; of Python, names of modules. */
  readonly modules: readonly string[];
}

/** A start of the bare interpreter and one with the module, right after one another. Milliseconds from spawn to exit. */
export interface StartPair {
  readonly bareMs: number;
  readonly loadMs: number;
}

/** What is to be measured. */
export interface StartTrial {
  readonly bare: readonly [string, ...string[]];
  readonly load: readonly [string, ...string[]];
  readonly pairs: number;
  /** After this many milliseconds no pair is begun, unless there are fewer than `fewestPairs`. */
  readonly limitMs: number;
  readonly fewestPairs: number;
}

export interface StartTimes {
  readonly pairs: readonly StartPair[];
}
