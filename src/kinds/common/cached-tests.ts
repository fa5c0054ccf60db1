/**
 * `go test` repeats the results of an earlier run, marked `(cached)`, while the files and variables that it knows about stay
 * the same. It knows nothing about a server: however broken that is by now, its tests are reported as passed.
 */
import type { Finding } from '../../core/finding.ts';
import type { OutputScanner } from '../../process/output/scanner.ts';
import type { Watch } from '../../process/output/watch.ts';

const CACHED = 'cached tests';
const FRESH = 'fresh tests';

/** What to look for in the output of a step. */
export const CACHED_TESTS: readonly Watch[] = [
  { name: CACHED, regex: /^ok {2}\t\S+\t\(cached\)/, extent: 1, requiredText: ['\t(cached)'] },
  { name: FRESH, regex: /^(?:ok {2}|FAIL)\t\S+\t\d[\d.]*s\b/, extent: 1, requiredText: ['ok  \t', 'FAIL\t'] },
];

/**
 * @param step its name, and what it is called in messages (default: its name)
 * @returns a finding if the step, which ended as it should, only repeated earlier results for all its packages
 */
export function cachedTests(
  scanner: OutputScanner,
  { name, title = name }: { readonly name: string; readonly title?: string },
): Finding[] {
  const seen = new Map(scanner.sightings().map((sighting) => [sighting.name, sighting]));
  const [first] = seen.get(CACHED)?.excerpts ?? [];
  if (first === undefined || (seen.get(FRESH)?.count ?? 0) > 0) return [];
  const line = (first.text[0] ?? '').replaceAll('\t', ' ').trim();
  return [
    {
      code: 'cached-tests',
      step: name,
      message: `${title} ran no test of Go anew: ${line}`,
      hint: 'go test repeats earlier results, whatever else has changed, such as a server: go test -count=1',
    },
  ];
}
