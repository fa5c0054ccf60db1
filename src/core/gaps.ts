/** Parts of a text or of bytes; and what is left out of them, so that whatever is found in the rest can be traced back. */

export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Those that overlap become one. */
export function joined(stretches: Stretch[]): readonly Stretch[] {
  stretches.sort((a, b) => a.start - b.start || b.end - a.end);
  const apart: Stretch[] = [];
  for (const { start, end } of stretches) {
    const last = apart.at(-1);
    if (last === undefined || start >= last.end) apart.push({ start, end });
    else apart[apart.length - 1] = { start: last.start, end: Math.max(last.end, end) };
  }
  return apart;
}

export class Gaps {
  /** Where each begins and ends, and how much of the rest stands before it. There may be one every few bytes. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #places: number[] = [];
  #length = 0;

  get count(): number {
    return this.#starts.length;
  }

  /** The next one; they must not overlap. */
  add(start: number, end: number): void {
    this.#places.push(start - this.#length);
    this.#starts.push(start);
    this.#ends.push(end);
    this.#length += end - start;
  }

  /** How much is left of something this long. */
  leftOf(length: number): number {
    return length - this.#length;
  }

  /** @param take is also told how much of the rest stands before the gap */
  forEach(take: (start: number, end: number, place: number) => void): void {
    for (let index = 0; index < this.count; index += 1)
      take(this.#starts[index] ?? 0, this.#ends[index] ?? 0, this.#places[index] ?? 0);
  }

  /** Where a stretch of the rest comes from: several stretches if there are gaps within it. */
  piecesOf(stretch: Stretch): Stretch[] {
    const pieces: Stretch[] = [];
    this.eachPiece(stretch, (start, end) => pieces.push({ start, end }));
    return pieces;
  }

  /** Where a stretch of the rest comes from, with the gaps within it. */
  wholeOf({ start, end }: Stretch): Stretch {
    let [first, last] = [Number.POSITIVE_INFINITY, 0];
    this.eachPiece({ start, end }, (from, to) => {
      first = Math.min(first, from);
      last = to;
    });
    return { start: first, end: last };
  }

  /** Like `piecesOf`, without a list of them. */
  eachPiece({ start, end }: Stretch, take: (start: number, end: number) => void): void {
    let next = this.#firstBehind(start);
    let shift = next === 0 ? 0 : (this.#ends[next - 1] ?? 0) - (this.#places[next - 1] ?? 0);
    let from = start;
    for (; next < this.count && (this.#places[next] ?? 0) < end; next += 1) {
      const place = this.#places[next] ?? 0;
      // Several may be adjacent.
      if (place > from) take(from + shift, place + shift);
      from = place;
      shift = (this.#ends[next] ?? 0) - place;
    }
    take(from + shift, end + shift);
  }

  /** The first gap after a place in the rest. By binary search: a line may have thousands of both. */
  #firstBehind(place: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#places[middle] ?? 0) > place) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
