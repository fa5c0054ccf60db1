/** Faults that an import hook puts into the functions of a module, and its report on them. Plain data. */

/** Runtimes whose imports can be hooked. */
export type HookedRuntime = 'python' | 'node';

/** A module, or a package with all its modules, whose exports are hooked. */
export interface OwnModule {
  /** As an import writes it. */
  readonly name: string;
  /** Absolute path of the package: everything in it belongs to the module. Null: only the name counts, as always in Python. */
  readonly folder: string | null;
  /** For Node: absolute paths of the files that `name` itself may resolve to. */
  readonly entries: readonly string[];
}

/** A function, or a method as `Class.method`, in the module that exports it. */
export interface FunctionName {
  readonly module: string;
  readonly name: string;
}

/** The names of one function: other modules may export it again. */
export interface NamedFunction extends FunctionName {
  readonly aliases: readonly FunctionName[];
}

/** What happens to each call of one function. */
export type FunctionChange =
  /** Its result is replaced by another of the same type. */
  | 'wrong-result'
  /** It does its work, but its result is lost. */
  | 'returns-nothing'
  /** It raises an error that names the sabotage, and does nothing else. */
  | 'raises'
  /** As `wrong-result`, but only in threads other than the main thread. */
  | 'wrong-in-worker';

export type ModuleChange =
  /** Nothing: all functions are hooked and counted. */
  | { readonly change: 'none' }
  /** Whoever imports one of the modules gets an error. */
  | { readonly change: 'import-fails' }
  /** Loading one of the modules burns this many milliseconds of CPU time more: on a busy machine as much more as a start does. */
  | { readonly change: 'slow-import'; readonly cpuMs: number }
  /** Whoever imports one of the modules gets another with it, named as `denyModules` does. */
  | { readonly change: 'extra-import'; readonly extra: string }
  /** When one of the modules has been imported, a byte is written past the end of a block of memory. Only in Python. */
  | { readonly change: 'overflow' }
  | { readonly change: FunctionChange; readonly function: NamedFunction }
  /** Each call takes this many milliseconds longer. */
  | { readonly change: 'slow'; readonly function: NamedFunction; readonly delayMs: number };

export type ModuleFault = ModuleChange & {
  readonly runtime: HookedRuntime;
  readonly modules: readonly OwnModule[];
};

/** The beginning of each error message that a fault raises, so that it is recognised wherever it turns up. */
export const SABOTAGE = 'sabotage by shakedown';

/** Which threads have called a function. */
export type CallingThreads = 'main' | 'worker' | 'both';

/** A function that was hooked. */
export interface HookedFunction extends NamedFunction {
  /** Calls from outside its module. After a kill some may be missing, never more than a third. */
  readonly calls: number;
  /** How many of them were really changed. */
  readonly changed: number;
  /** Null: it was never called. */
  readonly from: CallingThreads | null;
  /** The types of its first results, as its language names them; for a coroutine or promise, that type itself. */
  readonly results: readonly string[];
}

/** What could not be hooked, and why. */
export interface Unhookable {
  readonly module: string;
  /** Null: nothing of the module could be. */
  readonly name: string | null;
  readonly reason: string;
}

export interface ModuleFaultReport {
  /** How many processes have imported one of the modules, or tried to. */
  readonly processes: number;
  /** How many processes started with the hooks in place, or were forked from one that did. */
  readonly hooked: number;
  /** How many of those did not record their end: they were killed, became another program, or lost the right to write. */
  readonly silent: number;
  readonly functions: readonly HookedFunction[];
  /** Which of the modules were really imported, by their names. */
  readonly imported: readonly string[];
  /** How many imports were changed: they failed, or brought something with them. */
  readonly changedImports: number;
  readonly unhookable: readonly Unhookable[];
}
