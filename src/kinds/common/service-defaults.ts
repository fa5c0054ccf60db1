/** Defaults of a service, apart from the schemas, since a folder without a config needs only these. */
import type {
  ReadyExecOptions,
  ReadyGrpcOptions,
  ReadyHttpOptions,
  ServiceOptions,
} from './service-options.ts';

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

export const READY_GRPC_DEFAULTS = { timeout: '1s' } as const satisfies Partial<ReadyGrpcOptions>;

export const READY_EXEC_DEFAULTS = { timeout: '2s' } as const satisfies Partial<ReadyExecOptions>;
