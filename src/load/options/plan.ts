/** A load on a URL, as the command line and `runLoad` want it. */
import type { LoadPlan } from '../../core/load.ts';
import { buildLoad, type LoadDefaults } from './build.ts';
import type { Origin } from './mistakes.ts';
import type { LoadOptions } from './options.ts';
import { toThresholds } from './thresholds.ts';
import { parseLoadUrl } from './url.ts';

/** The URL says these. */
export type WordsBesideUrl = Omit<LoadOptions, 'kind' | 'path' | 'https'>;

/**
 * @param url with the path of each request, or, of a mix, with none
 * @returns the plan; undefined when the URL is wrong. What is wrong is told, and then the plan must not be used
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
  // All else is looked at with any URL.
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
    toThresholds(thresholds, ['thresholds'], origin.tell),
    origin,
    defaults,
  );
  const shown = words.mix === undefined ? `${target.origin}${target.path}` : target.origin;
  return parsed.ok ? { ...load, target: { url: shown, ...route } } : undefined;
}
