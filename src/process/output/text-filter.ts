/**
 * Finds any of many texts in bytes without looking at most of the bytes (Wu and Manber, "A fast algorithm for
 * multi-pattern searching", 1994). The two bytes at the end of a window tell how far the window may move: up to the
 * length of the shortest text. A gigabyte takes half a second; one step per byte (Aho and Corasick) takes two seconds,
 * and one regular expression for all texts ten.
 */

/** The number of byte pairs, by which windows are distinguished. */
const PAIRS = 1 << 16;
/** Shorter texts would make every step short. If there are only a few, it is quicker to search for each separately. */
const SHORT = 7;
const FEW = 3;
/**
 * How many bytes are searched for one text after the other, a call counting as so many: most programs print a few lines,
 * and tables for a thousand texts take 20 ms to build.
 */
const WITHOUT_TABLES = 4096;
const CALL = 128;

/** Where a text occurs. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * Texts whose windows end alike and that begin with the same two bytes. Most windows that end like theirs differ there,
 * which can be seen without a call.
 */
interface Candidates {
  readonly prefix: number;
  readonly texts: SortedTexts;
}

interface SortedText {
  readonly bytes: Buffer;
  /** The longest other text that it begins with. */
  readonly within: SortedText | undefined;
}

/** Texts that are compared with bytes by binary search, whatever they have in common. */
export class SortedTexts {
  readonly #texts: readonly SortedText[];

  constructor(texts: readonly Buffer[]) {
    let within: SortedText | undefined;
    this.#texts = [...texts].sort(Buffer.compare).map((bytes) => {
      while (within !== undefined && !beginsWith(bytes, within.bytes)) within = within.within;
      within = { bytes, within };
      return within;
    });
  }

  /** Length of the longest text that starts at a byte; 0 if none does. */
  longestAt(bytes: Buffer, start: number): number {
    let text = this.#texts[this.#countUpTo(bytes, start) - 1];
    if (text === undefined) return 0;
    const { length } = text.bytes;
    if (text.bytes.compare(bytes, start, Math.min(bytes.length, start + length)) === 0) return length;
    if (text.within === undefined) return 0;
    const same = commonLength(text.bytes, bytes, start);
    // Any earlier text that starts there is a prefix of this one.
    while (text !== undefined && text.bytes.length > same) text = text.within;
    return text?.bytes.length ?? 0;
  }

  /** Whether the bytes from there on are the beginning of a longer text. */
  goOnFrom(bytes: Buffer, start: number): boolean {
    const text = this.#texts[this.#countUpTo(bytes, start)]?.bytes;
    return text !== undefined && beginsWith(text, bytes.subarray(start));
  }

  /** How many texts do not sort after the bytes from there on. */
  #countUpTo(bytes: Buffer, start: number): number {
    let [low, high] = [0, this.#texts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const { bytes: text } = this.#texts[middle] as SortedText;
      if (text.compare(bytes, start, Math.min(bytes.length, start + text.length)) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Groups texts by what they have in common. */
export function grouped(
  texts: readonly Buffer[],
  keyOf: (bytes: Buffer) => number,
): ReadonlyMap<number, SortedTexts> {
  const groups = new Map<number, Buffer[]>();
  for (const bytes of texts) {
    const group = groups.get(keyOf(bytes));
    if (group === undefined) groups.set(keyOf(bytes), [bytes]);
    else group.push(bytes);
  }
  return new Map(Array.from(groups, ([key, group]) => [key, new SortedTexts(group)]));
}

const beginsWith = (text: Buffer, other: Buffer): boolean =>
  text.length > other.length && text.compare(other, 0, other.length, 0, other.length) === 0;

function commonLength(text: Buffer, bytes: Buffer, start: number): number {
  let length = 0;
  while (length < text.length && text[length] === bytes[start + length]) length += 1;
  return length;
}

/** Texts of at least two bytes, and the steps that can be made between them. */
class Windows {
  /** How many bytes of each text a window holds: as many as the shortest has. */
  readonly #window: number;
  /** How far the window may move if it ends with this pair of bytes; 0: it may be the beginning of a text. */
  readonly #shift: Uint8Array;
  /** For the last pair of a window, the index in `#candidates` of the texts whose windows end with it. */
  readonly #bucket: Uint16Array;
  readonly #candidates: Candidates[][] = [[]];

  constructor(texts: readonly Buffer[]) {
    this.#window = Math.min(255, ...texts.map(({ length }) => length));
    this.#shift = new Uint8Array(PAIRS).fill(this.#window - 1);
    this.#bucket = new Uint16Array(PAIRS);
    for (const bytes of texts) this.#enter(bytes);
    const keyOf = (bytes: Buffer) => (pairAt(bytes, this.#window - 1) << 16) | pairAt(bytes, 1);
    for (const [key, together] of grouped(texts, keyOf))
      this.#candidates[this.#bucket[key >>> 16] ?? 0]?.push({
        prefix: key & 0xffff,
        texts: together,
      });
  }

  #enter(bytes: Buffer): void {
    for (let index = 1; index < this.#window; index += 1) {
      const pair = pairAt(bytes, index);
      const shift = this.#window - 1 - index;
      if (shift < (this.#shift[pair] ?? 0)) this.#shift[pair] = shift;
    }
    const last = pairAt(bytes, this.#window - 1);
    if (this.#bucket[last] === 0) this.#bucket[last] = this.#candidates.push([]) - 1;
  }

  occurIn(bytes: Buffer): boolean {
    const shift = this.#shift;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    // Four windows at once, one in each quarter: while the processor waits for one, it works on the others.
    const quarter = bytes.length >> 2;
    const first = this.#window - 1;
    let [a, b, c, d] = [
      first,
      Math.max(first, quarter),
      Math.max(first, 2 * quarter),
      Math.max(first, 3 * quarter),
    ];
    while (a < quarter && b < 2 * quarter && c < 3 * quarter && d < bytes.length) {
      const stepA = shift[view.getUint16(a - 1, true)] as number;
      const stepB = shift[view.getUint16(b - 1, true)] as number;
      const stepC = shift[view.getUint16(c - 1, true)] as number;
      const stepD = shift[view.getUint16(d - 1, true)] as number;
      if (stepA === 0 && this.#textEnding(view, bytes, a) !== undefined) return true;
      if (stepB === 0 && this.#textEnding(view, bytes, b) !== undefined) return true;
      if (stepC === 0 && this.#textEnding(view, bytes, c) !== undefined) return true;
      if (stepD === 0 && this.#textEnding(view, bytes, d) !== undefined) return true;
      a += stepA || 1;
      b += stepB || 1;
      c += stepC || 1;
      d += stepD || 1;
    }
    return (
      this.#first(view, bytes, a, quarter) !== undefined ||
      this.#first(view, bytes, b, 2 * quarter) !== undefined ||
      this.#first(view, bytes, c, 3 * quarter) !== undefined ||
      this.#first(view, bytes, d, bytes.length) !== undefined
    );
  }

  find(bytes: Buffer, from: number): Place | undefined {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return this.#first(view, bytes, from + this.#window - 1, bytes.length);
  }

  /** The first text whose window ends at one of these bytes. */
  #first(view: DataView, bytes: Buffer, from: number, to: number): Place | undefined {
    const shift = this.#shift;
    for (let at = from; at < to; ) {
      const step = shift[view.getUint16(at - 1, true)] as number;
      const found = step === 0 ? this.#textEnding(view, bytes, at) : undefined;
      if (found !== undefined) return found;
      at += step || 1;
    }
    return undefined;
  }

  /** The longest text whose window ends at a byte and which occurs there as a whole. */
  #textEnding(view: DataView, bytes: Buffer, at: number): Place | undefined {
    const start = at - this.#window + 1;
    const prefix = view.getUint16(start, true);
    const candidates = this.#candidates[this.#bucket[view.getUint16(at - 1, true)] ?? 0] ?? [];
    for (let index = 0; index < candidates.length; index += 1) {
      const { prefix: ours, texts } = candidates[index] as Candidates;
      if (ours !== prefix) continue;
      const length = texts.longestAt(bytes, start);
      if (length > 0) return { start, end: start + length };
    }
    return undefined;
  }
}

const occursOneOf = (texts: readonly Buffer[], bytes: Buffer): boolean =>
  texts.some((text) => text.length <= bytes.length && bytes.includes(text));

export class TextFilter {
  readonly #texts: readonly Buffer[];
  /** Texts that are searched for one by one. */
  readonly #apart: readonly Buffer[];
  readonly #others: readonly Buffer[];
  #together: Windows | undefined;
  #all: Windows | undefined;
  #searched = 0;

  /** @param texts none is empty */
  constructor(texts: readonly Buffer[]) {
    const short = texts.filter(({ length }) => length < SHORT);
    this.#texts = texts.filter(({ length }) => length > 1);
    this.#apart = short.length <= FEW ? short : short.filter(({ length }) => length === 1);
    this.#others = this.#apart.length === 0 ? texts : texts.filter((bytes) => !this.#apart.includes(bytes));
  }

  /** Whether one of the texts occurs. */
  occursIn(bytes: Buffer): boolean {
    return occursOneOf(this.#apart, bytes) || this.#doOthersOccurIn(bytes);
  }

  #doOthersOccurIn(bytes: Buffer): boolean {
    if (this.#others.length === 0) return false;
    this.#searched += bytes.length + CALL;
    if (this.#searched <= WITHOUT_TABLES) return occursOneOf(this.#others, bytes);
    this.#together ??= new Windows(this.#others);
    return this.#together.occurIn(bytes);
  }

  /** The first text that begins at or after a byte; of several that begin there, the longest. Not for single bytes. */
  find(bytes: Buffer, from: number): Place | undefined {
    if (this.#texts.length === 0) return undefined;
    this.#all ??= new Windows(this.#texts);
    return this.#all.find(bytes, from);
  }
}

/** The byte and the one before it, as a little-endian number is read. */
const pairAt = (bytes: Buffer, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at - 1] ?? 0);

const filters = new Map<string, TextFilter>();

/** A filter for these texts, cached: most outputs are searched for the same ones, and a table takes a while to build. */
export function textFilter(texts: readonly string[]): TextFilter {
  const key = JSON.stringify(texts);
  const filter = filters.get(key) ?? new TextFilter(texts.map((text) => Buffer.from(text)));
  filters.set(key, filter);
  return filter;
}
