/**
 * A line without the escape sequences that control a terminal, above all colours: `\e[1mtoken\e[0m: …` reads `token: …`.
 * Whatever is found in that text can be traced back to its bytes.
 */

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

/** What was removed, in the bytes of the line, and where in the text it was. */
interface Sequence extends Stretch {
  readonly at: number;
}

function sequencesOf(raw: string): Sequence[] {
  if (!raw.includes('\u001b')) return [];
  let shift = 0;
  return Array.from(raw.matchAll(SEQUENCE), ({ index, 0: { length } }) => {
    shift += length;
    return { at: index + length - shift, start: index, end: index + length };
  });
}

export class PlainLine {
  /** One character per byte. */
  readonly text: string;
  readonly #sequences: readonly Sequence[];

  constructor(line: Buffer) {
    const raw = line.toString('latin1');
    this.#sequences = sequencesOf(raw);
    this.text = this.#sequences.length === 0 ? raw : raw.replace(SEQUENCE, '');
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
