/** The plan of a load on a URL, for the command line and `runLoad`. */
import type { LoadPlan } from '../../core/load.ts';
import { buildLoad, type LoadDefaults } from './build.ts';
import type { Origin } from './mistakes.ts';
import type { LoadOptions } from './options.ts';
import { parseLoadUrl } from './url.ts';

/** The options that the URL does not give. */
export type WordsBesideUrl = Omit<LoadOptions, 'kind' | 'path' | 'https'>;

/**
 * @param url with the path of the requests; that of a mix has none
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
    : { scheme: 'https' as const, origin: '', path: '/', user: undefined };
  const user = words.user ?? target.user;
  const { scheme, route, ...load } = buildLoad(
    {
      ...words,
      kind: 'load',
      https: target.scheme === 'https',
      ...(words.mix === undefined ? { path: target.path } : {}),
      ...(user === undefined ? {} : { user }),
    },
    { texts: thresholds, tell: origin.tell },
    origin,
    defaults,
  );
  const shown = words.mix === undefined ? `${target.origin}${target.path}` : target.origin;
  return parsed.ok ? { ...load, target: { url: shown, ...route } } : undefined;
}
