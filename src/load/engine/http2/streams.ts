/** The streams of a connection: which are open, and how many there may be. */
import type { Exchange } from './exchange.ts';
import { LARGEST, Violation } from './frames.ts';

export class Streams {
  /** How many at a time the server announces. */
  announced = Number.POSITIVE_INFINITY;
  /** How many it really takes, where it refused one: as many as were under way then, and with each answer one more. */
  #taken = Number.POSITIVE_INFINITY;
  /** By number, in the order in which they were opened. */
  readonly #open = new Map<number, Exchange>();
  #next = 1;

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  get hasRoom(): boolean {
    return this.#open.size < Math.min(this.announced, this.#taken);
  }

  /** Whether there are no numbers left for more. */
  get areUsedUp(): boolean {
    return this.#next > LARGEST;
  }

  all(): Iterable<Exchange> {
    return this.#open.values();
  }

  /** @returns the number of the stream */
  open(exchange: Exchange): number {
    const stream = this.#next;
    this.#next += 2;
    this.#open.set(stream, exchange);
    return stream;
  }

  /**
   * @returns undefined where the stream has ended: what comes on it is late
   * @throws Violation where there never was such a stream
   */
  at(stream: number): Exchange | undefined {
    if (stream % 2 !== 1 || stream >= this.#next)
      throw new Violation(`a frame on stream ${stream}, which was not opened`);
    return this.#open.get(stream);
  }

  end({ stream }: Exchange): void {
    this.#open.delete(stream);
  }

  answered(exchange: Exchange): void {
    this.end(exchange);
    this.#taken += 1;
  }

  /** @returns whether the server takes streams at all: it may refuse one though nothing else is under way */
  refused(exchange: Exchange): boolean {
    this.end(exchange);
    this.#taken = this.#open.size;
    return this.#taken > 0;
  }

  /** Ends those with a higher number than this one. */
  endAbove(last: number): Exchange[] {
    const above = [...this.#open.values()].filter(({ stream }) => stream > last);
    for (const exchange of above) this.end(exchange);
    return above;
  }
}
