import type { Threshold } from '../../core/load.ts';
import { parseThreshold } from '../../core/threshold.ts';
import type { Problem } from '../../kinds/common/problem.ts';
import type { Path } from './mistakes.ts';

/** Parses conditions; invalid ones are reported, with the location in the text, and left out. */
export function toThresholds(
  texts: readonly string[],
  path: Path,
  tell: (problem: Problem) => void,
): Threshold[] {
  return texts.flatMap((text, index) => {
    const parsed = parseThreshold(text);
    if (parsed.ok) return [parsed.value];
    const { message, hint, offset, length } = parsed.error;
    tell({
      path: [...path, index],
      message,
      ...(hint === undefined ? {} : { hint }),
      within: { text, offset, length },
    });
    return [];
  });
}
