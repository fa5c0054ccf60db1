/** Of many things the first few, and how many there are beside them. */

const rest = (count: number): string => `${count.toLocaleString('en-US')} more`;

/** @returns `a, b and 1,998 more` */
export function nameFew(names: readonly string[], most: number): string {
  const left = names.length - most;
  return left <= 0 ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${rest(left)}`;
}

/** @returns the first lines, and one that says how many more there are, where there are more */
export function firstFew(lines: readonly string[], most: number): string[] {
  const left = lines.length - most;
  return left <= 0 ? [...lines] : [...lines.slice(0, most), `… and ${rest(left)}`];
}
