/** Faults that an import hook puts into the functions of a module, and what it tells of them. Plain data. */

/** Runtimes whose imports can be hooked. */
export type HookedRuntime = 'python' | 'node';

/** A module, or a package with all its modules, whose exports are hooked. */
export interface OwnModule {
  /** As an import writes it. */
  readonly name: string;
  /** Absolute path of the package: what lies in it belongs to the module. Null: by its name alone, as always in Python. */
  readonly folder: string | null;
  /** Absolute paths of the files that `name` itself may lead to; for Node. */
  readonly entries: readonly string[];
}

/** A function, or a method as `Class.method`, in the module that exports it. */
export interface FunctionName {
  readonly module: string;
  readonly name: string;
}

/** The names of one function: a module may export it again from others. */
export interface NamedFunction extends FunctionName {
  readonly aliases: readonly FunctionName[];
}

/** What becomes of each call of one function. */
export type FunctionChange =
  /** Its result is another of the same type. */
  | 'wrong-result'
  /** It does its work, and its result is lost. */
  | 'returns-nothing'
  /** It raises an error that names the sabotage, and does nothing else. */
  | 'raises'
  /** As `wrong-result`, but only in threads other than the main thread. */
  | 'wrong-in-worker';

export type ModuleChange =
  /** Nothing: functions are hooked and counted, all of them. */
  | { readonly change: 'none' }
  /** Whoever imports one of the modules gets an error. */
  | { readonly change: 'import-fails' }
  | { readonly change: FunctionChange; readonly function: NamedFunction }
  /** Each call takes that much longer, in milliseconds. */
  | { readonly change: 'slow'; readonly function: NamedFunction; readonly delayMs: number };

export type ModuleFault = ModuleChange & {
  readonly runtime: HookedRuntime;
  readonly modules: readonly OwnModule[];
};

/** Begins the message of each error that a fault raises, so that it is known wherever it turns up. */
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
  /** The types of its first results, as its language names them; of a coroutine or promise, that itself. */
  readonly results: readonly string[];
}

/** What could not be hooked, and why. */
export interface Unhookable {
  readonly module: string;
  /** Null: nothing of the module. */
  readonly name: string | null;
  readonly reason: string;
}

export interface ModuleFaultReport {
  /** How many processes have imported one of the modules, or tried to. */
  readonly processes: number;
  readonly functions: readonly HookedFunction[];
  /** Which of the modules were really imported, by their names. */
  readonly imported: readonly string[];
  /** How many imports have failed on purpose. */
  readonly refused: number;
  readonly unhookable: readonly Unhookable[];
}
