/** Takes a child's output from its pipe into the log and past the scanner, through one shared buffer. */
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { ComponentLog } from './log.ts';
import type { OutputScanner } from './scanner.ts';

/** All readers share one buffer: each empties it before it returns to the event loop. */
const shared = Buffer.allocUnsafe(64 * 1024);

export interface OutputSink {
  readonly speaker: string;
  readonly log: ComponentLog;
  readonly scanner: OutputScanner;
  /** Called after each read, for code that shows the output or waits for it. */
  readonly onActivity?: () => void;
}

export class OutputReader {
  readonly #sink: OutputSink;
  readonly #streams: Set<Readable>;
  #resolveClosed: () => void = () => {};
  /** Resolves when nobody holds the other end open any more. A daemon may, long after its parent has exited. */
  readonly closed: Promise<void>;

  /** @param source the reading end of a pipe, or the streams that Node made */
  constructor(sink: OutputSink, source: number | readonly Readable[]) {
    this.#sink = sink;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    if (typeof source === 'number') {
      const socket = new Socket({
        fd: source,
        readable: true,
        writable: false,
        onread: {
          buffer: shared,
          callback: (length: number, buffer: Uint8Array) => {
            this.#take(Buffer.from(buffer.buffer, buffer.byteOffset, length));
            return true;
          },
        },
      } as ConstructorParameters<typeof Socket>[0]);
      this.#streams = new Set([socket]);
    } else {
      this.#streams = new Set(source);
      for (const stream of source) stream.on('data', (chunk: Buffer) => this.#take(chunk));
    }
    for (const stream of this.#streams) {
      stream.on('error', () => {});
      stream.once('close', () => this.#drop(stream));
      stream.resume();
    }
  }

  #take(bytes: Buffer): void {
    this.#sink.log.write(this.#sink.speaker, bytes);
    this.#sink.scanner.push(bytes);
    this.#sink.onActivity?.();
  }

  #drop(stream: Readable): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    this.#sink.scanner.end();
    this.#sink.log.end(this.#sink.speaker);
    this.#resolveClosed();
  }

  /** Whether it keeps the process alive, as it does at first. */
  keepAlive(isWanted: boolean): void {
    for (const stream of this.#streams)
      if (stream instanceof Socket) isWanted ? stream.ref() : stream.unref();
  }

  /** Stops reading, even if somebody still holds the other end. What has not been read yet is lost. */
  close(): void {
    for (const stream of this.#streams) stream.destroy();
  }
}
