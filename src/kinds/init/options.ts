/** The words of `init({ … })`. */
import * as v from 'valibot';
import { type CommonOptions, common } from '../common/options.ts';
import { count, optionsOf, TextSchema } from '../common/schema.ts';
import { type DurationOptions, DurationSchema, type ExpectOptions, OutputSchema } from '../common/words.ts';

/** A module that is loaded, and used for the first time, in fresh processes and in every possible way. */
export interface InitOptions extends CommonOptions {
  /** Marks the kind; `init()` sets it. */
  readonly kind: 'init';
  /** A module for Node: a file, such as `./library.js`, or a package, as an import in `cwd` would write it. */
  readonly module?: string;
  /** A Python module instead, as an import in `cwd` would write it. */
  readonly python?: string;
  /** Uses the module for the first time: `FUNCTION`, one of its own, or `FILE:FUNCTION` (in Python `MODULE:FUNCTION`). A function for Node is given the module as it was loaded, and may return a promise. Default: the module is only loaded. */
  readonly use?: string;
  /** How many fresh processes load it at the same moment. Default: 8. */
  readonly processes?: number;
  /** After how long a process counts as hanging. One that has finished its work but does not exit gets a third of that. Default: 30s. */
  readonly hangAfter?: DurationOptions;
  /** How much longer than the bare interpreter it may take to start with the module, such as `< 1.5x`. Default: it is measured and reported. */
  readonly coldStart?: string;
  /** What must not be loaded at startup: packages, built-in modules such as `node:http`, files and folders that begin with `./`; for Python, modules. */
  readonly denyModules?: readonly string[];
  /** Exports that hold state: `import()` and `require()` must give the same instance of each. `default` counts as one. */
  readonly singletons?: readonly string[];
  /** What the output of each of its processes must and must not contain. */
  readonly expect?: Omit<ExpectOptions, 'exitCode'>;
}

declare module '../options.ts' {
  interface OptionsByKind {
    init: InitOptions;
  }
}

/** @internal */
export const INIT_DEFAULTS = { processes: 8, hangAfter: '30s' } as const satisfies Partial<InitOptions>;

const PYTHON_MODULE = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
const BUDGET_MESSAGE = 'must be how much longer than the bare interpreter it may take, such as "< 1.5x"';

/** @internal */
export const InitSchema = optionsOf<InitOptions>('InitOptions', {
  kind: v.literal('init'),
  module: v.optional(TextSchema),
  python: v.optional(
    v.pipe(
      v.string('must be the name of a Python module'),
      v.regex(PYTHON_MODULE, 'must be the name of a Python module, such as json.decoder'),
    ),
  ),
  use: v.optional(TextSchema),
  processes: v.optional(count(1)),
  hangAfter: v.optional(DurationSchema),
  coldStart: v.optional(v.pipe(v.string(BUDGET_MESSAGE), v.regex(/^<\s*\d+(?:\.\d+)?\s*x$/, BUDGET_MESSAGE))),
  denyModules: v.optional(v.array(TextSchema, 'must be a list of modules')),
  singletons: v.optional(v.array(TextSchema, 'must be a list of exports')),
  expect: v.optional(OutputSchema),
  ...common,
});
