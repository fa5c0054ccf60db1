/** Defaults of all components, apart from the schemas, since a folder without a config needs only these. */
import type { CommonOptions } from './options.ts';

export const COMMON_DEFAULTS = {
  timeout: '10m',
  /** Longer than people like to wait in silence. */
  slow: '60s',
  retries: 0,
  flaky: 'warn',
  onlyWhenNamed: false,
} as const satisfies Partial<CommonOptions>;
