/** The functions that a config file is written with. They mark the kind and give the editor its types, nothing more. */
import type { CommandOptions } from '../kinds/command/options.ts';
import type { RunOptions } from '../kinds/common/words.ts';
import type { HttpOptions } from '../kinds/http/options.ts';
import type { InitOptions } from '../kinds/init/options.ts';
import type { ThreadsOptions } from '../kinds/threads/options.ts';
import type { TypesOptions } from '../kinds/types/options.ts';
import type { LoadOptions } from '../load/options/options.ts';
import type { SuiteOptions } from './options.ts';

/** A suite, as a config file exports it by default. */
export const defineSuite = (options: SuiteOptions): SuiteOptions => options;

const isRun = (options: unknown): options is RunOptions =>
  typeof options === 'string' || Array.isArray(options);

/** A component that is one command. */
export function command(options: RunOptions | Omit<CommandOptions, 'kind'>): CommandOptions {
  return isRun(options) ? { kind: 'command', run: options } : { ...options, kind: 'command' };
}

/** A component that starts one or more services and tries them with a client. */
export const http = (options: Omit<HttpOptions, 'kind'>): HttpOptions => ({ ...options, kind: 'http' });

/** A component that does the same from many threads at once as from one. */
export const threads = (options: Omit<ThreadsOptions, 'kind'>): ThreadsOptions => ({
  ...options,
  kind: 'threads',
});

/** A component that runs a usage sample and type-checks it. */
export const types = (options: Omit<TypesOptions, 'kind'>): TypesOptions => ({ ...options, kind: 'types' });

/** A component that loads a module in fresh processes, in all the ways there are. */
export const init = (options: Omit<InitOptions, 'kind'>): InitOptions => ({ ...options, kind: 'init' });

/** The built-in client of an `http` component. */
export const load = (options: Omit<LoadOptions, 'kind'> = {}): LoadOptions => ({ ...options, kind: 'load' });
