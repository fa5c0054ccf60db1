/** Checks of what depends on the user: a value that it captured before, its number, its row. */
import type { LoadCheck, TextMatch } from '../../../core/load.ts';
import { splitTemplate } from '../../../core/template.ts';
import { asIs, jsonText, type Values } from '../request/template.ts';

type Filled<T> = (values: Values) => T;

function filledMatch(match: TextMatch | null): Filled<TextMatch> | undefined {
  // A regular expression is none that a user's values could change.
  if (match === null || match.type === 'matches') return undefined;
  const parts = splitTemplate(match.text);
  if (parts.length === 1) return undefined;
  const fill = asIs(parts);
  return (values) => ({ ...match, text: fill(values) });
}

function filledValue(check: Extract<LoadCheck, { type: 'json' }>): Filled<LoadCheck> | undefined {
  const parts = splitTemplate(check.text ?? JSON.stringify(check.value));
  if (parts.length === 1) return undefined;
  const fill = jsonText(parts);
  return (values) => ({ ...check, text: fill(values) });
}

/**
 * What fills values into a check.
 *
 * @returns undefined if it has no placeholders
 */
export function fillCheck(check: LoadCheck): Filled<LoadCheck> | undefined {
  switch (check.type) {
    case 'header':
    case 'body': {
      const fill = filledMatch(check.match);
      return fill === undefined ? undefined : (values) => ({ ...check, match: fill(values) });
    }
    case 'json':
      return filledValue(check);
    case 'status':
    case 'length':
      return undefined;
  }
}
