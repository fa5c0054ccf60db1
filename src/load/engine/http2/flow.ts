/** Flow control (RFC 9113, section 5.2): how much the client may send, and how much the server may. */
import type { Recorder } from '../measure/recorder.ts';
import type { Exchange } from './exchange.ts';
import type { FrameWriter } from './frame-writer.ts';
import {
  FLAG,
  type Frame,
  frame,
  LARGEST,
  LARGEST_FRAME,
  mustBe,
  TYPE,
  USUAL_WINDOW,
  windowUpdate,
} from './frames.ts';
import { ALLOWED, type Noise } from './noise.ts';
import type { Streams } from './streams.ts';

/** The server's window is refilled after this many bytes, half of it. */
const WINDOW_SHARE = 2 ** 30;
export const TOO_WIDE = 'a window that is too large';

export class FlowControl {
  readonly #streams: Streams;
  readonly #writer: FrameWriter;
  readonly #recorder: Recorder;
  readonly #noise: Noise;
  /** What the server admits on the connection, and initially on each stream. */
  #window = USUAL_WINDOW;
  #streamWindow = USUAL_WINDOW;
  /** Bytes received on the connection since the last window update. */
  #came = 0;

  constructor(streams: Streams, writer: FrameWriter, recorder: Recorder, noise: Noise) {
    this.#streams = streams;
    this.#writer = writer;
    this.#recorder = recorder;
    this.#noise = noise;
  }

  get streamWindow(): number {
    return this.#streamWindow;
  }

  /** Writes as much of the body as the server's windows admit. */
  writeBody(exchange: Exchange): void {
    const { body } = exchange.prepared.wire;
    if (body === null) return;
    while (!exchange.isWritten) {
      const length = Math.min(LARGEST_FRAME, body.length - exchange.written, exchange.window, this.#window);
      if (length <= 0) return;
      const part = body.subarray(exchange.written, exchange.written + length);
      exchange.written += length;
      exchange.window -= length;
      this.#window -= length;
      const bytes = frame(TYPE.data, exchange.isWritten ? FLAG.endStream : 0, exchange.stream, part);
      this.#recorder.wrote(exchange, bytes.length);
      this.#writer.write(bytes);
      this.#noise.allow(length * ALLOWED.aByte);
    }
  }

  #writeBodies(): void {
    for (const exchange of this.#streams.all()) if (!exchange.isWritten) this.writeBody(exchange);
  }

  /** Sets the initial window of streams, and adjusts the open ones. */
  setStreamWindow(value: number): void {
    mustBe(value <= LARGEST, TOO_WIDE);
    for (const exchange of this.#streams.all()) exchange.window += value - this.#streamWindow;
    this.#streamWindow = value;
    this.#writeBodies();
  }

  /**
   * Applies a WINDOW_UPDATE to the connection or to a stream.
   *
   * @returns the exchange whose window it overflows, if any
   */
  widen({ stream, payload }: Frame): Exchange | undefined {
    mustBe(payload.length === 4, 'a WINDOW_UPDATE of another form');
    const by = payload.readUInt32BE(0) & LARGEST;
    mustBe(by > 0, 'a window that grows by nothing');
    if (stream === 0) {
      this.#window += by;
      mustBe(this.#window <= LARGEST, TOO_WIDE);
      this.#writeBodies();
      return undefined;
    }
    const exchange = this.#streams.at(stream);
    if (exchange === undefined) return undefined;
    exchange.window += by;
    if (exchange.window > LARGEST) return exchange;
    this.writeBody(exchange);
    return undefined;
  }

  /** Bytes arrived on the connection. */
  came(length: number): void {
    this.#came += length;
    if (this.#came < WINDOW_SHARE) return;
    this.#writer.control(windowUpdate(0, this.#came));
    this.#came = 0;
  }

  /** Bytes arrived on a stream that continues. */
  cameOn(exchange: Exchange, length: number): void {
    exchange.taken += length;
    if (exchange.taken < WINDOW_SHARE) return;
    this.#writer.control(windowUpdate(exchange.stream, exchange.taken));
    exchange.taken = 0;
  }
}
