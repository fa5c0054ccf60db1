/**
 * A line without the escape sequences that control a terminal, above all colours: `\e[1mtoken\e[0m: …` reads `token: …`.
 * Whatever is found in that text can be traced back to its bytes.
 */

import { Gaps, type Stretch } from '../../core/gaps.ts';

const ESCAPE = 0x1b;

/**
 * ECMA-48: control sequences, and those that choose a character set (`tput sgr0` prints one); also an unfinished one.
 * Links and titles stay, since there may be secrets in them.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*(?:[@-~]|$)|[ -/]+(?:[0-~]|$)|$)/g;

/** One character per byte. */
export class PlainLine {
  readonly text: string;
  readonly #sequences = new Gaps();

  constructor(line: Buffer) {
    const raw = line.toString('latin1');
    if (line.includes(ESCAPE))
      for (const { index, 0: found } of raw.matchAll(SEQUENCE))
        this.#sequences.add(index, index + found.length);
    this.text = this.#sequences.count === 0 ? raw : raw.replace(SEQUENCE, '');
  }

  /** The bytes of a stretch of the text: several stretches if there are sequences within it. */
  bytesOf = (stretch: Stretch): Stretch[] => this.#sequences.piecesOf(stretch);
}
