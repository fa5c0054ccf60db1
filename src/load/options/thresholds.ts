import type { LoadRequest, Threshold } from '../../core/load.ts';
import { MOST_NAMES, seriesOf } from '../../core/series.ts';
import { suggest } from '../../core/suggest.ts';
import { parseThreshold } from '../../core/threshold.ts';
import type { Problem } from '../../kinds/common/problem.ts';
import type { Path } from './mistakes.ts';

/** Conditions as they were written, and who is told about those that are wrong; paths start at `thresholds`. */
export interface GivenThresholds {
  readonly texts: readonly string[];
  readonly tell: (problem: Problem) => void;
}

const SOME = 10;

/** What is wrong with a name, with the names that there are. */
function nameError(
  name: string,
  requests: readonly LoadRequest[],
): { message: string; hint: string } | undefined {
  const { names } = seriesOf(requests);
  if (names.includes(name)) return undefined;
  if (requests.some((request) => request.name === name))
    return {
      message: `"${name}" has no numbers of its own: only the first ${MOST_NAMES} names have`,
      hint: 'move it to the front, or give several requests the same name',
    };
  const near = suggest(name, names);
  const more = names.length > SOME ? `, and ${names.length - SOME} more` : '';
  return {
    message: `no request is called "${name}"`,
    hint:
      near === undefined
        ? `the names are ${names.slice(0, SOME).join(', ')}${more}`
        : `did you mean "${near}"?`,
  };
}

/**
 * Parses conditions; invalid ones are reported, with the location in the text, and left out.
 *
 * @param requests whose names conditions may have; null: any names
 */
export function toThresholds(
  { texts, tell }: GivenThresholds,
  path: Path,
  requests: readonly LoadRequest[] | null,
): Threshold[] {
  return texts.flatMap((text, index) => {
    const parsed = parseThreshold(text);
    const at = [...path, index];
    if (!parsed.ok) {
      const { message, hint, offset, length } = parsed.error;
      tell({ path: at, message, ...(hint === undefined ? {} : { hint }), within: { text, offset, length } });
      return [];
    }
    const { name } = parsed.value;
    const wrong = name === null || requests === null ? undefined : nameError(name, requests);
    if (name === null || wrong === undefined) return [parsed.value];
    tell({ path: at, ...wrong, within: { text, offset: text.indexOf(name), length: name.length } });
    return [];
  });
}
