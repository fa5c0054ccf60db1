/** The words of a suite: what its components share, and the steps that prepare the environment. */
import * as v from 'valibot';
import { EnvSchema, namedValues, optionsOf, TextSchema } from '../kinds/common/schema.ts';
import { type DurationOptions, DurationSchema, type RunOptions, RunSchema } from '../kinds/common/words.ts';

import type { OptionsByKind } from '../kinds/options.ts';

/** A suite: the components of one project, and what they share. */
export interface SuiteOptions {
  /** The JSON Schema of this file, for editors. */
  readonly $schema?: string;
  /** `debug` runs everything under debugging allocators (`PYTHONMALLOC=debug`). Default: off. */
  readonly memory?: 'debug' | 'off';
  /** Environment variables for everything that is run. */
  readonly env?: Readonly<Record<string, string>>;
  /** Names of additional variables whose values are secrets, shown as `•••` in all output and logs. Variables whose names sound like secrets, such as `CI_TOKEN`, are masked anyway. */
  readonly secrets?: readonly string[];
  /** Steps that prepare the environment, in order, before any component. */
  readonly setup?: readonly (RunOptions | SetupOptions)[];
  /** The components, in the order in which they run. */
  readonly components: Readonly<Record<string, ComponentOptions>>;
}

/** A step that prepares the environment. */
export interface SetupOptions {
  /** The command. Lines `NAME=value` that it writes to the file `$SHAKEDOWN_ENV` are exported to everything that follows. */
  readonly run: RunOptions;
  /** Its name in the output. Default: the command. */
  readonly name?: string;
  /** Files, folders and globs that decide whether it must run again. Default: none, so it always runs. */
  readonly inputs?: readonly string[];
  /** Files, folders and globs that it makes. If one of them is missing, or a glob matches nothing, it runs again. */
  readonly outputs?: readonly string[];
  /** Additional environment variables for this step. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder it runs in. Default: the config file's. */
  readonly cwd?: string;
  /** How long it may take. Default: 30m. */
  readonly timeout?: DurationOptions;
}

/** A component of any kind. */
export type ComponentOptions = OptionsByKind[keyof OptionsByKind];

/** @internal */
export const SetupStepSchema = optionsOf<SetupOptions>('SetupOptions', {
  run: RunSchema,
  name: v.optional(TextSchema),
  inputs: v.optional(v.array(TextSchema, 'must be a list of paths')),
  outputs: v.optional(v.array(TextSchema, 'must be a list of paths')),
  env: v.optional(EnvSchema),
  cwd: v.optional(TextSchema),
  timeout: v.optional(DurationSchema),
});

/** @internal */
export const AnySetupSchema: v.GenericSchema<unknown, RunOptions | SetupOptions> = v.lazy((input) =>
  typeof input === 'object' && input !== null && !Array.isArray(input) ? SetupStepSchema : RunSchema,
);

/** @internal The suite without its components, which are checked one by one so that each mistake is found. */
export const SuiteSchema = optionsOf<
  Omit<SuiteOptions, 'components'> & { components: Record<string, unknown> }
>('SuiteOptions', {
  $schema: v.optional(v.string()),
  memory: v.optional(v.picklist(['debug', 'off'], 'must be "debug" or "off"')),
  env: v.optional(EnvSchema),
  secrets: v.optional(v.array(TextSchema, 'must be a list of names')),
  setup: v.optional(v.array(AnySetupSchema, 'must be a list of steps')),
  components: namedValues(v.unknown(), 'must be an object of named components'),
});
