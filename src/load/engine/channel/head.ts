/** The answer to the request that opens a channel, as far as it has arrived. */
import { INCOMPLETE, MALFORMED } from '../../../http1/bytes.ts';
import { ResponseHeadReader } from '../../../http1/response-head.ts';
import { allIn, headerIn, type ResponseView, type Slice } from '../response.ts';

/** A head, of which nothing is borrowed. */
export class OpeningHead implements ResponseView {
  readonly status: number;
  readonly headText: string;
  readonly keepAlive: boolean;
  readonly isUpgrade: boolean;
  /** The content-length; -1 if there is none. */
  readonly length: number;
  readonly isChunked: boolean;
  readonly body: Slice;

  constructor(reader: ResponseHeadReader, headText: string, rest: Buffer) {
    this.status = reader.status;
    this.headText = headText;
    this.keepAlive = reader.keepAlive;
    this.isUpgrade = reader.isUpgrade;
    this.length = reader.length;
    this.isChunked = reader.isChunked;
    this.body = { buffer: rest, start: 0, end: rest.length };
  }

  /** Of what came along with the head. */
  get bodyLength(): number {
    return this.body.end - this.body.start;
  }

  header(name: string): string | undefined {
    return headerIn(this.headText, name);
  }

  all(name: string): readonly string[] {
    return allIn(this.headText, name);
  }
}

export type Opening =
  | { readonly type: 'incomplete' }
  | { readonly type: 'malformed'; readonly error: string; readonly bytes: Buffer }
  | { readonly type: 'head'; readonly head: OpeningHead };

const EVIDENCE = 200;

export class OpeningReader {
  readonly #reader = new ResponseHeadReader();
  #bytes = Buffer.alloc(0);

  /** What has arrived of a head. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Takes what was read, and copies it. Informational responses are passed over. */
  push(bytes: Buffer): Opening {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      const end = this.#reader.read(this.#bytes, 0, this.#bytes.length);
      if (end === INCOMPLETE) return { type: 'incomplete' };
      if (end === MALFORMED)
        return { type: 'malformed', error: this.#reader.error, bytes: this.#bytes.subarray(0, EVIDENCE) };
      const text = this.#bytes.toString('latin1', 0, end - 4);
      const rest = this.#bytes.subarray(end);
      if (this.#reader.status >= 200 || this.#reader.status === 101)
        return { type: 'head', head: new OpeningHead(this.#reader, text, rest) };
      this.#reader.reset();
      this.#bytes = rest;
    }
  }
}
