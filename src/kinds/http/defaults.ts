/** What holds where a config says nothing of a service. Apart from the schemas: a folder without a config needs these, and not those. */
import type { ReadyExecOptions, ReadyHttpOptions, ServiceOptions } from './options.ts';

export const SERVICE_DEFAULTS = {
  readyTimeout: '30s',
  stop: 'SIGTERM',
  grace: '5s',
  daemon: false,
} as const satisfies Partial<ServiceOptions>;

export const READY_HTTP_DEFAULTS = {
  status: [200, 399],
  timeout: '1s',
} as const satisfies Partial<ReadyHttpOptions>;

export const READY_EXEC_DEFAULTS = { timeout: '2s' } as const satisfies Partial<ReadyExecOptions>;
