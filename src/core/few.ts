/** Shortens lists: the first few, and how many more there are. */

const rest = (count: number): string => `${count.toLocaleString('en-US')} more`;

/** @returns `a, b and 1,998 more` */
export function nameFew(names: readonly string[], most: number): string {
  const left = names.length - most;
  return left <= 0 ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${rest(left)}`;
}

/** @returns the first lines, and, if there are more, one that says how many */
export function firstFew(lines: readonly string[], most: number): string[] {
  const left = lines.length - most;
  return left <= 0 ? [...lines] : [...lines.slice(0, most), `… and ${rest(left)}`];
}
