/** Holds the scanner against llhttp, and against itself with the same bytes cut otherwise. */
import { isSame, rewritten, stricterBecause } from './differences.ts';
import { cutAt, Scanner, type Seen, scanByNode } from './parsers.ts';
import { drawStream, type Stream } from './streams.ts';

/** A stream of which the two make something different, and nobody knows why. */
export interface Fault {
  readonly seed: number;
  readonly index: number;
  readonly what: string;
  readonly stream: Stream;
  readonly ours: Seen;
  readonly other: Seen;
}

export interface Fuzzed {
  readonly faults: readonly Fault[];
  /** How many streams both took the same, as whole responses to the end, and with something wrong. */
  readonly agreed: { readonly good: number; readonly bad: number };
  /** How many differed on purpose, by the reason. */
  readonly differed: ReadonlyMap<string, number>;
}

const BY_THE_RFC_IT_IS = 'by the RFC';

/** What is rewritten must mean the same to the scanner. */
const meansTheSame = (before: Seen, after: Seen): boolean =>
  before.end === after.end &&
  JSON.stringify(before.responses.map(({ status, keepAlive }) => [status, keepAlive])) ===
    JSON.stringify(after.responses.map(({ status, keepAlive }) => [status, keepAlive]));

export class Fuzz {
  readonly #scanner = new Scanner();
  readonly #faults: Fault[] = [];
  readonly #differed = new Map<string, number>();
  #good = 0;
  #bad = 0;

  get result(): Fuzzed {
    return {
      faults: this.#faults,
      agreed: { good: this.#good, bad: this.#bad },
      differed: this.#differed,
    };
  }

  /** Tries one stream: whole, cut at some places, and after every byte. */
  try(seed: number, index: number): void {
    const stream = drawStream(seed, index);
    const { bytes, methods, cuts } = stream;
    const ours = this.#scanner.scan([bytes], methods);
    const tell = (what: string, other: Seen): void => {
      this.#faults.push({ seed, index, what, stream, ours, other });
    };
    for (const places of [cuts, [...bytes.keys()].slice(1)]) {
      const cut = this.#scanner.scan(cutAt(bytes, places), methods);
      if (!isSame(ours, cut) || ours.error !== cut.error) tell('cut otherwise, it is something else', cut);
    }
    const node = scanByNode(bytes, methods);
    if (isSame(ours, node)) {
      if (ours.end === 'between') this.#good += 1;
      else this.#bad += 1;
      return;
    }
    const reason = this.#reason(stream, ours, node);
    if (reason === undefined) tell('llhttp makes something else of it', node);
    else this.#differed.set(reason, (this.#differed.get(reason) ?? 0) + 1);
  }

  #reason({ bytes, methods }: Stream, ours: Seen, node: Seen): string | undefined {
    const text = bytes.toString('latin1');
    const stricter = stricterBecause(text, ours, node);
    if (stricter !== undefined) return stricter;
    const again = rewritten(text);
    const rewrittenBytes = Buffer.from(again, 'latin1');
    const oursAgain = this.#scanner.scan([rewrittenBytes], methods);
    if (!meansTheSame(ours, oursAgain)) return undefined;
    const nodeAgain = scanByNode(rewrittenBytes, methods);
    return isSame(oursAgain, nodeAgain) ? BY_THE_RFC_IT_IS : stricterBecause(again, oursAgain, nodeAgain);
  }
}

const showSeen = ({ responses, end, error }: Seen): string =>
  JSON.stringify({ responses, end, ...(error === '' ? {} : { error }) });

/** All that is needed to see it again. */
export const showFault = ({ seed, index, what, stream, ours, other }: Fault): string =>
  [
    `${what}: npm run fuzz -- --seed ${seed} --stream ${index}`,
    `  ${stream.methods.join(', ')}, cut at ${stream.cuts.join(', ')}`,
    `  ${JSON.stringify(stream.bytes.toString('latin1'))}`,
    `  the scanner: ${showSeen(ours)}`,
    `  the other:   ${showSeen(other)}`,
  ].join('\n');
