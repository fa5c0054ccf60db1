/** What holds where a config says nothing. Apart from the schemas: a folder without a config needs these, and not those. */
import type { CommonOptions } from './options.ts';

export const COMMON_DEFAULTS = {
  timeout: '10m',
  /** Longer than a person likes to wait without a word. */
  slow: '60s',
  retries: 0,
  onlyWhenNamed: false,
} as const satisfies Partial<CommonOptions>;
