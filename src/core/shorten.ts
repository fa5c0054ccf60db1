/** Cuts texts that are too long for their place. A pair of surrogates, which is one character, stays whole or goes. */

const isSecondHalf = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
};

/** @returns at most the first `length` code units */
export const startOf = (text: string, length: number): string =>
  text.slice(0, isSecondHalf(text, length) ? length - 1 : length);

/** @returns at most the last `length` code units */
export function endOf(text: string, length: number): string {
  const from = Math.max(0, text.length - length);
  return text.slice(from > 0 && isSecondHalf(text, from) ? from + 1 : from);
}

/** @returns a text of at most `longest` code units, the last of which is `…` if something was left out */
export const shorten = (text: string, longest: number): string =>
  text.length > longest ? `${startOf(text, longest - 1)}…` : text;
