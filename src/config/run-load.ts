/** A load run for a test or a script. What runs is loaded when it is called: a config imports this file too. */
import { createRequire } from 'node:module';
import type { LoadResult, LoadWindow } from '../domain/load.ts';
import type { LoadOptions } from './options.ts';

/** What to send, and to whom. */
export interface RunLoadOptions extends Omit<LoadOptions, 'kind' | 'path'> {
  /** The URL of each request; `{{counter}}` in it is the number of the request. */
  readonly url: string;
  /** A unix socket to connect to instead of the URL's host. */
  readonly unixSocket?: string;
  /** Whether to take any certificate. Default: false. */
  readonly insecure?: boolean;
  /** PEM of the authorities to trust instead of the built-in ones. */
  readonly ca?: string;
  /** Whether HTTP/2 is spoken. Default: false. */
  readonly http2?: boolean;
  /** What the result must hold, such as `p99 < 50ms`. */
  readonly thresholds?: readonly string[];
  /** Ends it early; there is a result all the same. */
  readonly signal?: AbortSignal;
  /** Called about once a second with the window that has just ended. */
  readonly onWindow?: (window: LoadWindow) => void;
}

/**
 * Sends a load and measures what comes back.
 *
 * @param options times as texts with a unit (`5s`), rates in requests a second
 * @returns the result: latencies in microseconds, other times in milliseconds. That the target refuses, lies or dies
 * is in its `findings` and its `verdict`, and is not thrown
 * @throws TypeError when an option is wrong; the message names it
 */
export async function runLoad(options: RunLoadOptions): Promise<LoadResult> {
  const [{ validateLoad }, { buildLoad, toThresholds }, engine] = await Promise.all([
    import('./validate.ts'),
    import('./load.ts'),
    import('../load/run.ts'),
  ]);
  const { url: text, unixSocket, insecure, ca, http2, thresholds, signal, onWindow, ...rest } = options;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const complain = (path: readonly (string | number)[], message: string): void => {
    throw new TypeError(`${path.join('.')}: ${message}`);
  };
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw new TypeError(`url: "${text}" is no URL that begins with http:// or https://`);
  // The parts of a URL are escaped when it is parsed, and so would be the braces of a place for a value.
  const path = text.slice(text.indexOf('/', url.protocol.length + 2)).split('#')[0] ?? '/';
  const words = { ...rest, kind: 'load' as const, path: path.startsWith('/') && path !== '/' ? path : '/' };
  for (const problem of validateLoad(words)) complain(problem.path, problem.message);
  const load = buildLoad(words, toThresholds(thresholds ?? [], ['thresholds'], complain), [], complain);
  const plan = {
    ...load,
    target: { url: url.origin, address: null, unixSocket: unixSocket ?? null, localAddress: null },
    protocol: http2 === true ? ('http2' as const) : ('http1' as const),
    tls: { ...load.tls, verify: insecure !== true, ca: ca ?? null },
  };
  return engine.runLoad(plan, {
    version: (createRequire(import.meta.url)('shakedown/package.json') as { version: string }).version,
    ...(signal === undefined ? {} : { signal }),
    ...(onWindow === undefined ? {} : { onWindow }),
  });
}
