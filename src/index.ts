/** The face of the library: what a config file imports. */
export { command, defineSuite, http, init, load, threads, types } from './config/builders.ts';
export type {
  ClientOptions,
  CommandOptions,
  CommonOptions,
  ComponentOptions,
  DurationOptions,
  ExpectOptions,
  HttpOptions,
  InitOptions,
  InputOptions,
  LoadExpectOptions,
  LoadOptions,
  PatternOptions,
  ReadyAllOptions,
  ReadyAnyOptions,
  ReadyExecOptions,
  ReadyFileOptions,
  ReadyHttpOptions,
  ReadyLogOptions,
  ReadyOptions,
  ReadyPortOptions,
  RunOptions,
  ServiceOptions,
  SetupOptions,
  StatusOptions,
  SuiteOptions,
  ThreadsOptions,
  TypesOptions,
} from './config/options.ts';
export { type RunLoadOptions, runLoad } from './config/run-load.ts';
export type { LoadResult, LoadWindow } from './domain/load.ts';
