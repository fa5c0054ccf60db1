/** The streams of a connection: which are open, and how many can be. */
import type { Exchange } from './exchange.ts';
import { LARGEST, Violation } from './frames.ts';

export class Streams {
  /** The server's limit of concurrent streams. */
  announced = Number.POSITIVE_INFINITY;
  /** The limit it really observes, once it refused one: as many as were open then, plus one with each response. */
  #taken = Number.POSITIVE_INFINITY;
  /** By stream number, in order of opening. */
  readonly #open = new Map<number, Exchange>();
  #next = 1;

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  get hasRoom(): boolean {
    return this.#open.size < Math.min(this.announced, this.#taken);
  }

  /** Whether the stream numbers are used up. */
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
   * @returns undefined if the stream has ended, so that its frames are late
   * @throws Violation if the stream was never opened
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

  /** @returns whether the server accepts streams at all: it may refuse one even if no other is open */
  refused(exchange: Exchange): boolean {
    this.end(exchange);
    this.#taken = this.#open.size;
    return this.#taken > 0;
  }

  /** Ends the streams with a higher number. */
  endAbove(last: number): Exchange[] {
    const above = [...this.#open.values()].filter(({ stream }) => stream > last);
    for (const exchange of above) this.end(exchange);
    return above;
  }
}
