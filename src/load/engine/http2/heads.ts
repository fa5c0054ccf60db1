/** Assembles the heads of a connection from HEADERS and CONTINUATION frames, and decodes them. */
import { FLAG, type Frame, TYPE, unpad, Violation } from './frames.ts';
import { type Field, HeadDecoder, LARGEST_HEAD } from './hpack.ts';

/** @param length of the head on the wire, in bytes */
type OnHead = (stream: number, fields: readonly Field[], isEnd: boolean, length: number) => void;

export class Heads {
  readonly #decoder = new HeadDecoder();
  readonly #onHead: OnHead;
  /** A head that continues in the next frame. */
  #open: { readonly stream: number; readonly isEnd: boolean; parts: Buffer[]; length: number } | undefined;

  constructor(onHead: OnHead) {
    this.#onHead = onHead;
  }

  /** Whether a frame is allowed now: within a head, only its continuation is. */
  admits({ type, stream }: Frame): boolean {
    return this.#open === undefined || (type === TYPE.continuation && stream === this.#open.stream);
  }

  takeHeaders({ flags, stream, payload }: Frame): void {
    const block = unpad(flags, payload, (flags & FLAG.priority) === 0 ? 0 : 5);
    const isEnd = (flags & FLAG.endStream) !== 0;
    if ((flags & FLAG.endHeaders) !== 0) this.#decode(stream, block, isEnd, payload.length);
    else this.#open = { stream, isEnd, parts: [Buffer.from(block)], length: block.length };
  }

  takeContinuation({ flags, payload }: Frame): void {
    const open = this.#open;
    if (open === undefined) throw new Violation('a CONTINUATION of nothing');
    open.parts.push(Buffer.from(payload));
    open.length += payload.length;
    if (open.length > LARGEST_HEAD) throw new Violation(`a head of more than ${LARGEST_HEAD} bytes`);
    if ((flags & FLAG.endHeaders) === 0) return;
    this.#open = undefined;
    this.#decode(open.stream, Buffer.concat(open.parts), open.isEnd, open.length);
  }

  /** Even for a stream that was reset, as later heads may refer to this one. */
  #decode(stream: number, block: Buffer, isEnd: boolean, length: number): void {
    this.#onHead(stream, this.#decoder.decode(block), isEnd, length);
  }
}
