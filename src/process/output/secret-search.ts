/** Finds secrets in bytes, also with something within that a reader does not see. */
import type { Gaps, Stretch } from '../../core/gaps.ts';
import { grouped, type SortedTexts, TextFilter } from './text-filter.ts';

const NEWLINE = 0x0a;
/** The number of byte pairs. */
const PAIRS = 1 << 16;

/** The bytes of a stretch without gaps. */
function seenOf(gaps: Gaps, bytes: Buffer, stretch: Stretch): Buffer {
  const seen = Buffer.allocUnsafe(stretch.end - stretch.start);
  let length = 0;
  gaps.eachPiece(stretch, (start, end) => {
    // Pieces are often too short to be worth a call.
    for (let at = start; at < end; at += 1) seen[length++] = bytes[at] as number;
  });
  return seen;
}

export class SecretSearch {
  readonly #filter: TextFilter;
  readonly #byFirst: ReadonlyMap<number, SortedTexts>;
  readonly #longest: number;
  /** Whether none of them goes beyond a line. */
  readonly areOfLines: boolean;
  /** Which bytes follow each other in a secret: few do of those on either side of a gap. */
  readonly #neighbours = new Uint8Array(PAIRS);

  constructor(forms: ReadonlySet<string>) {
    const texts = [...forms].map((form) => Buffer.from(form));
    this.#filter = new TextFilter(texts);
    this.#longest = Math.max(0, ...texts.map(({ length }) => length));
    this.areOfLines = !texts.some((text) => text.includes(NEWLINE));
    this.#byFirst = grouped(texts, ([first = 0]) => first);
    for (const text of texts)
      for (let at = 1; at < text.length; at += 1) this.#neighbours[text.readUInt16BE(at - 1)] = 1;
  }

  /** Where they are; overlapping ones are listed separately. */
  placesIn(bytes: Buffer): Stretch[] {
    const places: Stretch[] = [];
    if (this.#filter.occursIn(bytes))
      for (let place = this.#filter.find(bytes, 0); place !== undefined; ) {
        places.push(place);
        place = this.#filter.find(bytes, place.start + 1);
      }
    return places;
  }

  /** Where something that may become a secret begins at the end of the bytes; their length if nothing does. */
  openFrom(bytes: Buffer): number {
    for (let at = Math.max(0, bytes.length - this.#longest + 1); at < bytes.length; at += 1)
      if (this.#byFirst.get(bytes[at] ?? 0)?.goOnFrom(bytes, at) === true) return at;
    return bytes.length;
  }

  /** The pieces of each that has a gap within. */
  placesAround(gaps: Gaps, bytes: Buffer): Stretch[][] {
    return this.#windows(gaps, bytes).flatMap((window) =>
      this.placesIn(seenOf(gaps, bytes, window)).map(({ start, end }) =>
        gaps.piecesOf({ start: start + window.start, end: end + window.start }),
      ),
    );
  }

  /** Like `openFrom`, as if the gaps were not there. */
  openAround(gaps: Gaps, bytes: Buffer): number {
    const end = gaps.leftOf(bytes.length);
    const start = Math.max(0, end - this.#longest + 1);
    const open = start + this.openFrom(seenOf(gaps, bytes, { start, end }));
    return open === end ? bytes.length : gaps.wholeOf({ start: open, end: open + 1 }).start;
  }

  /** The stretches without gaps in which one may have a gap within: in order, and none overlaps another. */
  #windows(gaps: Gaps, bytes: Buffer): Stretch[] {
    const reach = this.#longest - 1;
    const length = gaps.leftOf(bytes.length);
    const windows: Stretch[] = [];
    let [from, to] = [0, 0];
    gaps.forEach((start, end, place) => {
      const pair = ((bytes[start - 1] ?? 0) << 8) | (bytes[end] ?? 0);
      if (start === 0 || end === bytes.length || this.#neighbours[pair] === 0) return;
      if (place - reach > to) {
        if (to > 0) windows.push({ start: from, end: to });
        from = place - reach;
      }
      to = Math.min(length, place + reach);
    });
    if (to > 0) windows.push({ start: from, end: to });
    return windows;
  }
}
