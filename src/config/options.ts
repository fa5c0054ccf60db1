/** The words of a suite: what its components share, and the steps that prepare the environment. */
import * as v from 'valibot';
import { type FaultOptions, ViaSchema } from '../kinds/common/fault-options.ts';
import {
  type EntriesOf,
  EnvSchema,
  FlagSchema,
  NamesSchema,
  namedValues,
  optionsOf,
  TextSchema,
} from '../kinds/common/schema.ts';
import { SERVICE_ENTRIES, type ServiceOptions } from '../kinds/common/service-options.ts';
import {
  type DurationOptions,
  DurationSchema,
  type ExpectOptions,
  ExpectSchema,
  type RunOptions,
  RunSchema,
} from '../kinds/common/words.ts';

import type { OptionsByKind } from '../kinds/options.ts';
import {
  type ComposeOptions,
  ComposeSchema,
  type ContainerOptions,
  ContainerSchema,
} from './container-options.ts';

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
  /** Steps that tidy up after everything else, in order, whatever has happened: also if the setup failed half-way, and after Ctrl-C. */
  readonly teardown?: readonly (RunOptions | TeardownOptions)[];
  /** Services, containers and tasks that components share. Each is started when the first component that needs it is about to run, and ended after the last. */
  readonly services?: Readonly<Record<string, AnySharedOptions>>;
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
  /** Undoes it at the end of the run, whatever has happened: also if the step has failed half-way. Not together with `inputs`: what is undone must be done again. */
  readonly undo?: RunOptions | UndoOptions;
}

/** What undoes a step. */
export interface UndoOptions {
  /** The command. It runs in the folder and the environment of the step, with what the step has exported. */
  readonly run: RunOptions;
  /** How long it may take. Default: 60s. */
  readonly timeout?: DurationOptions;
}

/** A step that tidies up after everything else. */
export interface TeardownOptions {
  /** The command. */
  readonly run: RunOptions;
  /** Its name in the output. Default: the command. */
  readonly name?: string;
  /** Additional environment variables for this step. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder it runs in. Default: the config file's. */
  readonly cwd?: string;
  /** How long it may take. Default: 60s. */
  readonly timeout?: DurationOptions;
}

/** A service that components share. */
export interface SharedServiceOptions extends ServiceOptions {
  /** Marks it; `service()` sets it. Default: service. */
  readonly kind?: 'service';
  /** Every component that needs it gets one of its own. So does everything that needs this one. Default: false. */
  readonly fresh?: boolean;
  /** What happens to its answers on their way to everybody who needs it: `fault({ … })`, or a list of these. */
  readonly via?: FaultOptions | readonly FaultOptions[];
}

/** A command that must succeed before what needs it is started, such as a migration. */
export interface TaskOptions {
  /** Marks it; `task()` sets it. */
  readonly kind: 'task';
  /** The command. */
  readonly run: RunOptions;
  /** Services that must be ready, and other tasks that must be done, before. */
  readonly needs?: readonly string[];
  /** With `cache`: files, folders and globs that decide whether it must run again. */
  readonly inputs?: readonly string[];
  /** Does not run it again, not in later runs either, while its `inputs` are the same. Only for what outlives a run: a database that starts empty must be migrated every time. Default: false. */
  readonly cache?: boolean;
  /** What it must do to succeed. */
  readonly expect?: ExpectOptions;
  /** Additional environment variables for it. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder it runs in. Default: the config file's. */
  readonly cwd?: string;
  /** How long it may take. Default: 5m. */
  readonly timeout?: DurationOptions;
  /** Every component that needs it has it run anew. Default: false. */
  readonly fresh?: boolean;
}

/** What components share. */
export type AnySharedOptions = SharedServiceOptions | ContainerOptions | ComposeOptions | TaskOptions;

/** A component of any kind. */
export type ComponentOptions = OptionsByKind[keyof OptionsByKind];

/** @internal */
export const UndoSchema = optionsOf<UndoOptions>('UndoOptions', {
  run: RunSchema,
  timeout: v.optional(DurationSchema),
});

const isOptions = (input: unknown): boolean =>
  typeof input === 'object' && input !== null && !Array.isArray(input);

/** @internal */
export const AnyUndoSchema: v.GenericSchema<unknown, RunOptions | UndoOptions> = v.lazy((input) =>
  isOptions(input) ? UndoSchema : RunSchema,
);

/** @internal */
export const TeardownStepSchema = optionsOf<TeardownOptions>('TeardownOptions', {
  run: RunSchema,
  name: v.optional(TextSchema),
  env: v.optional(EnvSchema),
  cwd: v.optional(TextSchema),
  timeout: v.optional(DurationSchema),
});

/** @internal */
export const AnyTeardownSchema: v.GenericSchema<unknown, RunOptions | TeardownOptions> = v.lazy((input) =>
  isOptions(input) ? TeardownStepSchema : RunSchema,
);

/** @internal */
export const SetupStepSchema = optionsOf<SetupOptions>('SetupOptions', {
  run: RunSchema,
  name: v.optional(TextSchema),
  inputs: v.optional(v.array(TextSchema, 'must be a list of paths')),
  outputs: v.optional(v.array(TextSchema, 'must be a list of paths')),
  env: v.optional(EnvSchema),
  cwd: v.optional(TextSchema),
  timeout: v.optional(DurationSchema),
  undo: v.optional(AnyUndoSchema),
});

/** @internal */
export const AnySetupSchema: v.GenericSchema<unknown, RunOptions | SetupOptions> = v.lazy((input) =>
  isOptions(input) ? SetupStepSchema : RunSchema,
);

/** @internal */
export const SharedServiceSchema = optionsOf<SharedServiceOptions>('SharedServiceOptions', {
  kind: v.optional(v.literal('service', 'must be "service", "container", "compose" or "task"')),
  fresh: v.optional(FlagSchema),
  via: v.optional(ViaSchema),
  ...SERVICE_ENTRIES,
} satisfies EntriesOf<SharedServiceOptions>);

/** @internal */
export const TaskSchema = optionsOf<TaskOptions>('TaskOptions', {
  kind: v.literal('task'),
  run: RunSchema,
  needs: v.optional(NamesSchema),
  inputs: v.optional(v.array(TextSchema, 'must be a list of paths')),
  cache: v.optional(FlagSchema),
  expect: v.optional(ExpectSchema),
  env: v.optional(EnvSchema),
  cwd: v.optional(TextSchema),
  timeout: v.optional(DurationSchema),
  fresh: v.optional(FlagSchema),
});

/** @internal Which one is meant is told by its kind. */
export const AnySharedSchema: v.GenericSchema<unknown, AnySharedOptions> = v.lazy((input) => {
  const kind = typeof input === 'object' && input !== null && 'kind' in input ? input.kind : undefined;
  if (kind === 'task') return TaskSchema;
  if (kind === 'container') return ContainerSchema;
  return kind === 'compose' ? ComposeSchema : SharedServiceSchema;
});

/** @internal The suite without its components, which are checked one by one so that each mistake is found. */
export const SuiteSchema = optionsOf<
  Omit<SuiteOptions, 'components'> & { components: Record<string, unknown> }
>('SuiteOptions', {
  $schema: v.optional(v.string()),
  memory: v.optional(v.picklist(['debug', 'off'], 'must be "debug" or "off"')),
  env: v.optional(EnvSchema),
  secrets: v.optional(v.array(TextSchema, 'must be a list of names')),
  setup: v.optional(v.array(AnySetupSchema, 'must be a list of steps')),
  teardown: v.optional(v.array(AnyTeardownSchema, 'must be a list of steps')),
  services: v.optional(namedValues(AnySharedSchema, 'must be an object of named services')),
  components: namedValues(v.unknown(), 'must be an object of named components'),
});
