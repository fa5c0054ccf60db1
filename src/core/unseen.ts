/**
 * What a reader does not see: sequences that control a terminal, control characters, and characters without a width. A
 * secret that is interrupted by them is still read as a whole. Tabs and line ends are seen.
 */
import { Gaps } from './gaps.ts';

/** Besides control characters: what Unicode calls ignorable by default, and annotation controls. First and last, in order. */
const WITHOUT_WIDTH = [
  ...[0xad, 0xad, 0x34f, 0x34f, 0x61c, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180f],
  ...[0x200b, 0x200f, 0x202a, 0x202e, 0x2060, 0x206f, 0x3164, 0x3164, 0xfe00, 0xfe0f, 0xfeff, 0xfeff],
  ...[0xffa0, 0xffa0, 0xfff0, 0xfffb, 0x1bca0, 0x1bca3, 0x1d173, 0x1d17a, 0xe0000, 0xe0fff],
];

/** Calls back with the first and the last of each stretch of those, and with every 64th: all beginnings in UTF-8 are among them. */
export function someWithoutWidth(take: (code: number) => void): void {
  for (let at = 0; at < WITHOUT_WIDTH.length; at += 2) {
    const [first = 0, last = 0] = WITHOUT_WIDTH.slice(at, at + 2);
    for (let code = first; code < last; code += 64) take(code);
    take(last);
  }
}

/** @param code of a character beyond ASCII */
export function isUnseen(code: number): boolean {
  if (code <= 0x9f) return true;
  let at = 1;
  while (code > (WITHOUT_WIDTH[at] ?? code)) at += 2;
  return code >= (WITHOUT_WIDTH[at - 1] ?? Number.POSITIVE_INFINITY);
}

/**
 * Sequences: control sequences; strings up to their end, or that of the line; short ones. Then single characters. In bytes the
 * same is found by `process/output/unseen-bytes.ts`.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: each by itself is looked for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\n\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

/**
 * A text as it is read.
 *
 * @returns undefined if all of it is seen
 */
export function seenIn(text: string): { readonly seen: string; readonly gaps: Gaps } | undefined {
  const gaps = new Gaps();
  let seen = '';
  let from = 0;
  for (const { index, 0: found } of text.matchAll(UNSEEN)) {
    seen += text.slice(from, index);
    from = index + found.length;
    gaps.add(index, from);
  }
  return gaps.count === 0 ? undefined : { seen: seen + text.slice(from), gaps };
}
