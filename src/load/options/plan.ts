/** The plan of a load on a URL, for the command line and `runLoad`. */
import type { LoadPlan } from '../../core/load.ts';
import { buildLoad, type LoadDefaults } from './build.ts';
import type { Origin } from './mistakes.ts';
import type { LoadOptions } from './options.ts';
import { type LoadUrl, parseLoadUrl } from './url.ts';

/** The options that the URL does not give. */
export interface WordsBesideUrl extends Omit<LoadOptions, 'kind' | 'path' | 'https' | 'websocket' | 'sse'> {
  /** Whether the URL is that of a stream of events. */
  readonly sse?: boolean;
}

/** What is done at the path of the URL. */
function pathWords(
  { path, isWebSocket }: Pick<LoadUrl, 'path' | 'isWebSocket'>,
  { mix, steps, sse = false }: WordsBesideUrl,
): Pick<LoadOptions, 'path' | 'websocket' | 'sse'> {
  return {
    ...(isWebSocket ? { websocket: path } : {}),
    ...(sse ? { sse: path } : {}),
    ...(mix === undefined && steps === undefined && !sse && !isWebSocket ? { path } : {}),
  };
}

/**
 * @param url with the path of the requests; those of a mix and of steps have their own
 * @returns the plan; undefined when the URL is wrong. After a reported mistake it must not be used
 */
export function buildLoadPlan(
  url: string,
  words: WordsBesideUrl,
  thresholds: readonly string[],
  origin: Origin,
  defaults?: LoadDefaults,
): LoadPlan | undefined {
  const parsed = parseLoadUrl(url);
  if (!parsed.ok) origin.tell({ path: ['url'], ...parsed.error });
  // With a stand-in for a bad URL, so that mistakes in the other options are reported as well.
  const target = parsed.ok
    ? parsed.value
    : { scheme: 'https' as const, origin: '', path: '/', user: undefined, isWebSocket: false };
  const { sse: _, ...load } = words;
  const user = words.user ?? target.user;
  const {
    scheme,
    route,
    agents: _agents,
    ...client
  } = buildLoad(
    {
      ...load,
      ...pathWords(target, words),
      kind: 'load',
      https: target.scheme === 'https',
      ...(user === undefined ? {} : { user }),
    },
    { texts: thresholds, tell: origin.tell },
    origin,
    defaults,
  );
  const shown =
    words.mix === undefined && words.steps === undefined ? `${target.origin}${target.path}` : target.origin;
  return parsed.ok ? { ...client, target: { url: shown, ...route } } : undefined;
}
