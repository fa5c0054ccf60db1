/** Reads the requests of a client while they are passed on, to match them with the answers. */
import { MALFORMED } from '../../http1/bytes.ts';
import { bodyOfRequest, MessageReader, PIECE } from '../../http1/message.ts';
import { RequestHeadReader } from '../../http1/request-head.ts';
import { type Exchange, pathOf } from './exchange.ts';

/** Why a connection is not read any further. */
export type Opaque = 'tls' | 'http2' | 'upgrades' | 'malformed';

const TLS_HANDSHAKE = 22;
const HTTP2 = 'PRI * HTTP/2.0';

/** How many bytes are kept after a request for another protocol, until it is decided. */
const MOST_UNDECIDED = 1024 * 1024;

export class RequestReader {
  /** The requests without an answer, in order. */
  readonly waiting: Exchange[] = [];
  readonly #reader = new MessageReader(new RequestHeadReader(), bodyOfRequest, true);
  readonly #onRequest: () => void;
  /** Bytes whose protocol depends on the next answer; undefined if there are none. */
  #undecided: Buffer[] | undefined;
  #undecidedLength = 0;
  #isFirst = true;

  /** @param onRequest called for each request, once it is among the waiting ones */
  constructor(onRequest: () => void) {
    this.#onRequest = onRequest;
  }

  /** @returns why the connection cannot be read; undefined if it can */
  take(chunk: Buffer): Opaque | undefined {
    if (this.#undecided !== undefined) {
      this.#undecided.push(chunk);
      this.#undecidedLength += chunk.length;
      return this.#undecidedLength > MOST_UNDECIDED ? 'malformed' : undefined;
    }
    for (let at = 0; at < chunk.length; ) {
      const next = this.#reader.next(chunk, at, chunk.length);
      if (next === MALFORMED)
        return this.#whatElse(Buffer.concat([this.#reader.partOfHead, chunk.subarray(at)]));
      at = next;
      if (this.#reader.piece === PIECE.rest) return 'malformed';
      if (this.#reader.piece === PIECE.head && this.#begin()) {
        this.#undecided = [];
        if (at < chunk.length) return this.take(chunk.subarray(at));
      }
    }
    return undefined;
  }

  /** @returns whether it asks for another protocol */
  #begin(): boolean {
    const { method, target, isUpgrade } = this.#reader.head;
    this.#isFirst = false;
    this.waiting.push({ method, target, path: pathOf(target), since: performance.now() });
    this.#onRequest();
    return method === 'CONNECT' || isUpgrade;
  }

  #whatElse(bytes: Buffer): Opaque {
    if (!this.#isFirst) return 'malformed';
    if (bytes[0] === TLS_HANDSHAKE) return 'tls';
    return bytes.toString('latin1', 0, HTTP2.length) === HTTP2 ? 'http2' : 'malformed';
  }

  /** An answer has refused the other protocol. */
  goOn(): Opaque | undefined {
    const kept = this.#undecided;
    if (kept === undefined) return undefined;
    this.#undecided = undefined;
    this.#undecidedLength = 0;
    return kept.length === 0 ? undefined : this.take(Buffer.concat(kept));
  }
}
