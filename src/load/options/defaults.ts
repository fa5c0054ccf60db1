/** What holds of a load where nothing is said. Apart from the schemas: the help of the command line tells these, and loads none. */
import type { LoadExpectOptions, LoadOptions, LoadRequestOptions } from './options.ts';

export const LOAD_DEFAULTS = {
  path: '/',
  checkEvery: 1,
  connections: 10,
  arrivals: 'constant',
  // A config is run again and again, and is to do the same each time.
  requests: 1000,
  workers: 1,
  seed: 1,
  timeout: '10s',
  connectTimeout: '5s',
  keepAlive: true,
  pipelining: 1,
  http2: false,
  streams: 1,
  https: false,
  insecure: false,
  strict: false,
} as const satisfies Partial<LoadOptions>;

/** At a rate this is only the most there may be. */
export const CONNECTIONS_AT_RATE = 1000;

export const LOAD_REQUEST_DEFAULTS = { weight: 1 } as const satisfies Partial<LoadRequestOptions>;

export const LOAD_EXPECT_DEFAULTS = { status: [200, 299] } as const satisfies Partial<LoadExpectOptions>;
