/** The functions that a config file is written with. They mark the kind and give the editor its types, nothing more. */
import type { CommandOptions } from '../kinds/command/options.ts';
import type { FaultOptions } from '../kinds/common/fault-options.ts';
import type { RunOptions } from '../kinds/common/words.ts';
import type { HttpOptions } from '../kinds/http/options.ts';
import type { InitOptions } from '../kinds/init/options.ts';
import type { ThreadsOptions } from '../kinds/threads/options.ts';
import type { TypesOptions } from '../kinds/types/options.ts';
import type { LoadOptions } from '../load/options/options.ts';
import type { ComposeOptions, ContainerOptions } from './container-options.ts';
import type { ConfigMistake } from './mistake.ts';
import type { SharedServiceOptions, SuiteOptions, TaskOptions } from './options.ts';

type OptionsOf<Kind> = Omit<Kind, 'kind'>;

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isRun = (options: unknown): options is RunOptions =>
  typeof options === 'string' || Array.isArray(options);

/** `list.map(command)` also passes the index and the list. */
const isOfMap = ([place, list]: readonly unknown[]): boolean =>
  typeof place === 'number' && Array.isArray(list);

/** What to write instead of several arguments. */
function inOneObject(name: string, first: unknown, second: unknown): string {
  if (typeof first === 'string' && typeof second === 'string')
    return `a program with arguments is a list: ${name}(['${first}', '${second}'])`;
  const run = isRun(first) ? [`run: ${JSON.stringify(first)}`] : [];
  const others = isObject(second) ? Object.keys(second).map((key) => `${key}: …`) : ['…'];
  return `write one object: ${name}({ ${[...run, ...(isRun(first) ? others : ['…'])].join(', ')} })`;
}

const mistake = (culprit: string, message: string, hint: string): ConfigMistake =>
  Object.assign(new Error(message), { name: 'ConfigMistake', culprit, hint } as const);

/** Rejects what a builder's types reject, for configs that are not type-checked. */
function builder<Options, Built>(
  name: string,
  takes: (options: unknown) => boolean,
  build: (options: Options) => Built,
): (options: Options) => Built {
  return (options: Options, ...more: readonly unknown[]) => {
    if (more.length > 0 && !isOfMap(more))
      throw mistake(
        name,
        `${name}() takes one argument, not ${more.length + 1}`,
        inOneObject(name, options, more[0]),
      );
    if (options !== undefined && !takes(options))
      throw mistake(
        name,
        `${name}() takes an object of options, not ${JSON.stringify(options) ?? typeof options}`,
        `write ${name}({ … }); docs/config.md lists its options`,
      );
    return build(options);
  };
}

/** A suite, as a config file exports it by default. */
export const defineSuite = builder('defineSuite', isObject, (options: SuiteOptions): SuiteOptions => options);

/** A component that is one command. */
export const command = builder(
  'command',
  (options) => isRun(options) || isObject(options),
  (options: RunOptions | OptionsOf<CommandOptions>): CommandOptions =>
    isRun(options) ? { kind: 'command', run: options } : { ...options, kind: 'command' },
);

/** A component that starts one or more services and tries them with a client. */
export const http = builder(
  'http',
  isObject,
  (options: OptionsOf<HttpOptions>): HttpOptions => ({ ...options, kind: 'http' }),
);

/** A component that does the same from many threads at once as from one. */
export const threads = builder(
  'threads',
  isObject,
  (options: OptionsOf<ThreadsOptions>): ThreadsOptions => ({
    ...options,
    kind: 'threads',
  }),
);

/** A component that runs a usage sample and type-checks it. */
export const types = builder(
  'types',
  isObject,
  (options: OptionsOf<TypesOptions>): TypesOptions => ({ ...options, kind: 'types' }),
);

/** A component that loads a module in fresh processes, in every possible way. */
export const init = builder(
  'init',
  isObject,
  (options: OptionsOf<InitOptions>): InitOptions => ({ ...options, kind: 'init' }),
);

/** A service that components share. */
export const service = builder(
  'service',
  isObject,
  (options: OptionsOf<SharedServiceOptions>): SharedServiceOptions => ({ ...options, kind: 'service' }),
);

/** A service in a container, which components share. */
export const container = builder(
  'container',
  isObject,
  (options: OptionsOf<ContainerOptions>): ContainerOptions => ({ ...options, kind: 'container' }),
);

/** Services in containers that a file of Compose describes. */
export const compose = builder(
  'compose',
  isObject,
  (options: OptionsOf<ComposeOptions>): ComposeOptions => ({ ...options, kind: 'compose' }),
);

/** A command that must succeed before what needs it is started. */
export const task = builder(
  'task',
  (options) => isRun(options) || isObject(options),
  (options: RunOptions | OptionsOf<TaskOptions>): TaskOptions =>
    isRun(options) ? { kind: 'task', run: options } : { ...options, kind: 'task' },
);

/** The built-in client of an `http` component. */
export const load: (options?: OptionsOf<LoadOptions>) => LoadOptions = builder(
  'load',
  isObject,
  (options: OptionsOf<LoadOptions> = {}): LoadOptions => ({ ...options, kind: 'load' }),
);

/** A fault between a service and its users: the option `via` of an `http` component, or of a service. */
export const fault = builder('fault', isObject, (options: FaultOptions): FaultOptions => options);
