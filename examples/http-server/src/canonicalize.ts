import { parse } from './parse.ts';
import { stringify } from './stringify.ts';

/**
 * Rewrites a JSON text in its canonical form.
 *
 * @param text any JSON text
 * @returns the canonical text of the same value
 * @throws JsonSyntaxError with line and column of the first fault
 */
export function canonicalize(text: string): string {
  return stringify(parse(text));
}
