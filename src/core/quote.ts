/**
 * A word as a person would type it for a shell: a path in a hint is to be copied.
 *
 * @returns the word itself where no shell would take anything in it for its own
 */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`;
}
