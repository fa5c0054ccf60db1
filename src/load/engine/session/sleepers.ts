/** Who wakes when: a binary heap, and one timer for the earliest. A timer for each pause would cost more than its request. */
interface Sleeper<T> {
  readonly at: number;
  readonly who: T;
}

/** In milliseconds: differences of times are no more precise. */
const PRECISION = 0.001;

export class Sleepers<T> {
  readonly #heap: Sleeper<T>[] = [];
  readonly #wake: (who: T, now: number) => void;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires. */
  #armedFor = Number.POSITIVE_INFINITY;

  /** @param wake called once for each sleeper, when its time has come or a little later */
  constructor(wake: (who: T, now: number) => void) {
    this.#wake = wake;
  }

  /** @param at when to wake it, by `performance.now()` */
  add(who: T, at: number, now: number): void {
    const heap = this.#heap;
    let place = heap.length;
    const sleeper = { at, who };
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent] as Sleeper<T>;
      if (above.at <= at) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = sleeper;
    if (at < this.#armedFor) this.#arm(at, now);
  }

  /** Wakes nobody any more. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#heap.length = 0;
  }

  #arm(at: number, now: number): void {
    clearTimeout(this.#timer);
    this.#armedFor = at;
    // Node cuts off fractions of a millisecond, and would wake too early.
    this.#timer = setTimeout(this.#ring, Math.ceil(at - now - PRECISION));
  }

  readonly #ring = (): void => {
    const now = performance.now();
    const upTo = now + PRECISION;
    this.#armedFor = Number.POSITIVE_INFINITY;
    while ((this.#heap[0]?.at ?? Number.POSITIVE_INFINITY) <= upTo) this.#wake(this.#pop().who, now);
    const next = this.#heap[0];
    if (next !== undefined && next.at < this.#armedFor) this.#arm(next.at, now);
  };

  #pop(): Sleeper<T> {
    const heap = this.#heap;
    const first = heap[0] as Sleeper<T>;
    const last = heap.pop() as Sleeper<T>;
    if (heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as Sleeper<T>).at < (heap[child] as Sleeper<T>).at)
        child += 1;
      const below = heap[child] as Sleeper<T>;
      if (last.at <= below.at) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = last;
    return first;
  }
}
