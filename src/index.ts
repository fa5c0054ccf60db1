/** The public interface of the library: what a config file imports. */
export {
  command,
  compose,
  container,
  defineSuite,
  fault,
  http,
  init,
  load,
  service,
  task,
  threads,
  types,
} from './config/builders.ts';
export type * from './config/container-options.ts';
export type * from './config/options.ts';
export { type RunLoadOptions, runLoad } from './config/run-load.ts';
export type { StartServiceOptions } from './config/start-service-words.ts';
export type { LoadResult, LoadWindow } from './core/load.ts';
export type { LoadLastResponse, LoadUser } from './core/load-scenario.ts';
export type * from './kinds/command/options.ts';
export type * from './kinds/common/fault-options.ts';
export type * from './kinds/common/options.ts';
export type * from './kinds/common/service-options.ts';
export type * from './kinds/common/words.ts';
export type * from './kinds/http/options.ts';
export type * from './kinds/init/options.ts';
export type * from './kinds/threads/options.ts';
export type * from './kinds/types/options.ts';
export { startService } from './library/start-service.ts';
export type * from './library/started-service.ts';
export type * from './load/options/options.ts';
