/** What the programs that load a module are told, and what they report. */
import type { Form } from '../../core/entry.ts';

/** A way to load a module and use it for the first time, in a process of its own. */
export type Scenario =
  /** In one of several processes that are released at the same moment. */
  | 'process'
  /** By `import` and by `require`, in one process. */
  | 'formats'
  /** In a worker; the main thread has not loaded it. */
  | 'worker'
  /** In the main thread, then in one worker after another. */
  | 'reload'
  /** In a `node:vm` context, with its own `Object`, `Array` and `Error`. */
  | 'vm'
  /** In the parent, then in processes that it forks. */
  | 'fork'
  /** In interpreters within one process, one after another. */
  | 'subinterpreter'
  /** The same, but with only the standard library modules that the module loads. */
  | 'subinterpreter-control'
  | PythonMode;

/** How Python is started, or the module is loaded, in ways that few of its authors try. */
export type PythonMode =
  /** In a thread, while the main thread has not loaded it. */
  | 'thread'
  /** Once more, by `importlib.reload`. */
  | 'again'
  /** Without assertions (`-O`). */
  | 'optimized'
  /** With warnings as errors (`-W error`). */
  | 'warnings'
  /** In Python's development mode (`-X dev`). */
  | 'development'
  /** Under the debugging allocator (`PYTHONMALLOC=debug`). */
  | 'debug-memory'
  /** With another order of sets (`PYTHONHASHSEED`). */
  | 'hash-seed';

/** How far a process got, and what it found. Rewritten at each step. */
export interface InitReport {
  /** What it is doing, as in "while …"; null once everything is done and it only has to exit. */
  readonly doing: string | null;
  /** Why the scenario does not apply; null if it does. */
  readonly notTried: string | null;
  /** How it fails where it loads but is not required to work; null if it does not fail. */
  readonly unsupported: string | null;
  /** The warning with which its import fails where warnings are errors; null if there is none. */
  readonly warning: string | null;
  /** The setting under which this was to run, if it is not in force; null otherwise. */
  readonly absent: string | null;
  /** How it was loaded; `require` only if it cannot be imported. */
  readonly form: Form;
  /** Exports of which `import()` and `require()` give different instances. */
  readonly differing: readonly string[];
  /** The resources that keep the process alive, as Node names them. */
  readonly open: readonly string[];
}

export const NOTHING_DONE: InitReport = {
  doing: 'starting',
  notTried: null,
  unsupported: null,
  warning: null,
  absent: null,
  form: 'import',
  differing: [],
  open: [],
};

/** The argument that has both files loaded by jiti. `kinds/common/harness/typescript.ts` has it as well. */
export const BY_JITI = 'by-jiti';
/** Names the file for the report. */
export const REPORT_VARIABLE = 'SHAKEDOWN_INIT_REPORT';
/** Names the gate, a named pipe that opens for all its readers at the same moment. */
export const GATE_VARIABLE = 'SHAKEDOWN_INIT_GATE';

/** The modules loaded at start, except those that the bare interpreter loads. */
export interface LoadedModules {
  /** Absolute paths, or names of built-in modules such as `node:http`; for Python, module names. */
  readonly modules: readonly string[];
}

/** What each import takes without those that it makes itself. */
export interface ImportCosts {
  readonly costs: readonly { readonly module: string; readonly microseconds: number }[];
}

/** A start of the bare interpreter and one with the module, back to back: milliseconds from spawn to exit. */
export interface StartPair {
  readonly bareMs: number;
  readonly loadMs: number;
}

export interface StartTrial {
  readonly bare: readonly [string, ...string[]];
  readonly load: readonly [string, ...string[]];
  readonly pairs: number;
  /** After this many milliseconds no more pairs are started beyond `fewestPairs`. */
  readonly limitMs: number;
  readonly fewestPairs: number;
}

export interface StartTimes {
  readonly pairs: readonly StartPair[];
}
