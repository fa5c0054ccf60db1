/** Whether an earlier answer could have taken the place of a later one, and would have made a difference. */
import type { Alternatives } from '../../core/http-fault.ts';
import { Head, mediaType } from './answer.ts';
import { isStream } from './changes.ts';
import { decode } from './codings.ts';
import type { Exchange } from './exchange.ts';
import { FormerAnswers, isSame } from './former.ts';

/** How many answers are compared. */
const MOST_COMPARED = 1000;

export class Comparison {
  readonly #former = new FormerAnswers();
  #begun = 0;
  #compared = 0;
  #hasOther = false;
  #hasStale = false;

  /** Counts an answer. @returns what to pass its body to; undefined if nobody needs it */
  count(exchange: Exchange, status: number): ((headBytes: Buffer, payload: Buffer) => void) | undefined {
    this.#begun += 1;
    if (this.#begun > MOST_COMPARED || (this.#hasOther && this.#hasStale)) return undefined;
    return (headBytes, payload) => this.#compare(exchange, status, headBytes, payload);
  }

  #compare(exchange: Exchange, status: number, headBytes: Buffer, payload: Buffer): void {
    this.#compared += 1;
    const head = new Head(headBytes);
    if (exchange.method === 'HEAD' || status === 204 || status === 304 || isStream(mediaType(head))) return;
    const body = decode(payload, head.get('content-encoding') ?? '')?.body;
    if (body === undefined) return;
    const answer = { status, contentType: head.get('content-type'), body };
    const differs = (former: ReturnType<FormerAnswers['stale']>): boolean =>
      former !== undefined && !isSame(former, answer);
    this.#hasOther ||= differs(this.#former.other(exchange));
    this.#hasStale ||= differs(this.#former.stale(exchange));
    this.#former.keep(exchange, answer);
  }

  /** Both are true where not all answers were compared. */
  get found(): Alternatives {
    const isPartial = this.#compared < this.#begun;
    return { other: this.#hasOther || isPartial, stale: this.#hasStale || isPartial };
  }
}
