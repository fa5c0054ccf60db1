/**
 * A line without the escape sequences that control a terminal, above all colours: `\e[1mtoken\e[0m: …` reads `token: …`.
 * Whatever is found in that text can be traced back to its bytes.
 */

import { needsTerminal } from './bytes.ts';

export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/**
 * ECMA-48: control sequences, and those that choose a character set (`tput sgr0` prints one); also an unfinished one.
 * Links and titles stay, since there may be secrets in them.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*(?:[@-~]|$)|[ -/]+(?:[0-~]|$)|$)/g;

/**
 * All that a terminal takes for a sequence, and shows nothing of (`text/terminal-text.ts`), in bytes of UTF-8: a control
 * character beyond ASCII is two of them. One that is cut at the end counts as well.
 */
export const ANY_SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?:\u001b\[|\u00c2\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|\u00c2[\u0090\u0098\u009d-\u009f])(?:[^\n\u0007\u001b\u00c2]|\u00c2(?!\u009c))*(?:\u0007|\u001b\\|\u00c2\u009c)?|\u001b[ -/]*[0-~]?|\u00c2$/g;

/** What was removed, in the bytes of the line, and where in the text it was. */
interface Sequence extends Stretch {
  readonly at: number;
}

function sequencesOf(raw: string, pattern: RegExp): Sequence[] {
  let shift = 0;
  return Array.from(raw.matchAll(pattern), ({ index, 0: { length } }) => {
    shift += length;
    return { at: index + length - shift, start: index, end: index + length };
  });
}

export class PlainLine {
  /** One character per byte. */
  readonly text: string;
  readonly #sequences: readonly Sequence[];

  /** @param pattern global: what is left out */
  constructor(line: Buffer, pattern = SEQUENCE) {
    const raw = line.toString('latin1');
    this.#sequences = needsTerminal(line) ? sequencesOf(raw, pattern) : [];
    this.text = this.#sequences.length === 0 ? raw : raw.replace(pattern, '');
  }

  /** The bytes of a stretch of the text: several stretches if there are sequences within it. */
  bytesOf({ start, end }: Stretch): Stretch[] {
    const found: Stretch[] = [];
    let next = this.#firstBehind(start);
    const before = this.#sequences[next - 1];
    let shift = before === undefined ? 0 : before.end - before.at;
    let from = start;
    for (; ; next += 1) {
      const sequence = this.#sequences[next];
      if (sequence === undefined || sequence.at >= end) break;
      // Several sequences may be adjacent.
      if (sequence.at > from) found.push({ start: from + shift, end: sequence.start });
      from = sequence.at;
      shift = sequence.end - sequence.at;
    }
    return [...found, { start: from + shift, end: end + shift }];
  }

  /** The first sequence after a place in the text. By binary search: a line may have thousands of both. */
  #firstBehind(place: number): number {
    let [low, high] = [0, this.#sequences.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sequences[middle]?.at ?? 0) > place) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
