/** What faults make of a text, so that a secret is still recognised when a fault has changed it. */

/** Longer texts are recognised piece by piece: of one that was changed, or cut, most pieces are as they were. */
const PIECE = 16;
/** Of longer texts only so many characters are looked at. */
const LONGEST = 4096;

const LAST: Readonly<Record<string, string>> = { z: 'a', Z: 'A', '9': '0' };

/** The next letter or digit: a digit stays a digit, and a letter keeps its case. */
export const nextOfKind = (char: string): string => LAST[char] ?? String.fromCharCode(char.charCodeAt(0) + 1);

/** Pieces of a text, none of them shorter than `PIECE` unless the text is. */
function piecesOf(text: string): string[] {
  const count = Math.max(1, Math.floor(text.length / PIECE));
  return Array.from({ length: count }, (_, at) =>
    text.slice(at * PIECE, at === count - 1 ? text.length : (at + 1) * PIECE),
  );
}

/** Every text that differs from another in one letter or digit, which is the next one of its kind. */
const changed = (text: string): string[] =>
  [...text.matchAll(/[A-Za-z0-9]/g)].map(
    ({ 0: char, index }) => text.slice(0, index) + nextOfKind(char) + text.slice(index + 1),
  );

/** @returns its pieces, and what each becomes by a fault that changes one character of a text */
export const nearMisses = (text: string): string[] =>
  piecesOf(text.slice(0, LONGEST)).flatMap((piece) => [piece, ...changed(piece)]);
