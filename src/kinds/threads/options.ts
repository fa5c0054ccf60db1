/** The words of `threads({ … })`. */
import * as v from 'valibot';
import { type CommonOptions, common } from '../common/options.ts';
import { count, NamesSchema, namedValues, optionsOf, TextSchema } from '../common/schema.ts';
import { type DurationOptions, DurationSchema, type RunOptions, RunSchema } from '../common/words.ts';

/** A module, a Python function or a program that must do the same from many threads as from one. Give one of `module`, `python` and `run`. */
export interface ThreadsOptions extends CommonOptions {
  /** Marks the kind; `threads()` sets it. */
  readonly kind: 'threads';
  /** A module for Node: a file, or the name of a package. It is loaded and called in worker threads. */
  readonly module?: string;
  /** A Python function, as `module:function`, or a script that starts threads of its own. */
  readonly python?: string;
  /** A program; several copies of it run at once. */
  readonly run?: RunOptions;
  /** How many threads. Default: 4. */
  readonly workers?: number;
  /** How many copies of the program. Default: 4. */
  readonly copies?: number;
  /** How many calls each worker makes, or how many rounds each Python thread. If given for a module without `exports` and `inputs`, all its functions without parameters are called. Default: 10000 calls, or 200 rounds. */
  readonly iterations?: number;
  /** The functions of the module that are called. Default: those that `inputs` names. */
  readonly exports?: readonly string[];
  /** What they are called with: lists of arguments by function, or a module with such lists as its default export, which may contain bytes. For Python, a function, as `module:function`, that makes the object to pass in. */
  readonly inputs?: string | InputOptions;
  /** Another module, whose functions of the same names give the right results. Default: the module itself, called serially in a separate process. */
  readonly oracle?: string;
  /** How the output of the copies is compared with that of a single run. Default: bytes. */
  readonly compare?: 'bytes' | 'json';
  /** How long no thread may make progress before they count as stuck. Default: 10s. */
  readonly stall?: DurationOptions;
}

declare module '../options.ts' {
  interface OptionsByKind {
    threads: ThreadsOptions;
  }
}

/** Functions, by name, and the lists of arguments that each is called with. */
export type InputOptions = Readonly<Record<string, readonly (readonly unknown[])[]>>;

/** @internal */
export const THREADS_DEFAULTS = {
  workers: 4,
  copies: 4,
  compare: 'bytes',
  stall: '10s',
} as const satisfies Partial<ThreadsOptions>;
/** @internal Rounds of each Python thread, and calls of each worker where it makes any. */
export const DEFAULT_ROUNDS = 200;

/** @internal */
export const InputsSchema = namedValues(
  v.array(v.array(v.unknown(), 'must be a list of arguments'), 'must be a list of lists of arguments'),
  'must be an object of functions and lists of their arguments, or a module that exports one',
);

/** @internal */
export const AnyInputsSchema: v.GenericSchema<unknown, string | InputOptions> = v.lazy((input) =>
  typeof input === 'string' ? TextSchema : InputsSchema,
);

/** @internal */
export const ThreadsSchema = optionsOf<ThreadsOptions>('ThreadsOptions', {
  kind: v.literal('threads'),
  module: v.optional(TextSchema),
  python: v.optional(TextSchema),
  run: v.optional(RunSchema),
  workers: v.optional(count(1)),
  copies: v.optional(count(2)),
  iterations: v.optional(count(1)),
  exports: v.optional(v.pipe(NamesSchema, v.minLength(1, 'must be a non-empty list of names'))),
  inputs: v.optional(AnyInputsSchema),
  oracle: v.optional(TextSchema),
  compare: v.optional(v.picklist(['bytes', 'json'], 'must be "bytes" or "json"')),
  stall: v.optional(DurationSchema),
  ...common,
});
