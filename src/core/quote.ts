/**
 * Quotes a word for a shell, so that paths in hints can be pasted.
 *
 * @returns the word itself when no character in it is special
 */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`;
}
