/** One HTTP/2 connection from its start to its end, whatever the server does. */
import type { Socket } from 'node:net';
import type { LoadFailureKind } from '../../../core/load.ts';
import type { Recorder } from '../measure/recorder.ts';
import { failureOf, type OnBytes } from '../socket.ts';
import type { Exchange } from './exchange.ts';
import { FlowControl, TOO_WIDE } from './flow.ts';
import { FrameWriter } from './frame-writer.ts';
import {
  CODE,
  FLAG,
  type Frame,
  FrameReader,
  goawayFrame,
  headFrames,
  LARGEST,
  mustBe,
  pingAck,
  resetFrame,
  SETTINGS_ACK,
  showCode,
  showType,
  TYPE,
  unpad,
  Violation,
} from './frames.ts';
import { Heads } from './heads.ts';
import { type Field, HpackError } from './hpack.ts';
import { ALLOWED, Noise } from './noise.ts';
import { readHead, trailersError } from './response-head.ts';
import { applySettings, GREETING } from './settings.ts';
import { Streams } from './streams.ts';

/** How many informational (1xx) responses a request may get. */
const MOST_INFORMATIONAL = 1000;

/** Why something went wrong. */
export interface Reason {
  readonly kind: LoadFailureKind;
  readonly message: string;
}

/** Learns the outcome of a session and its requests; of each sent request exactly once. */
export interface SessionOwner {
  /** The server's SETTINGS arrived: the number of streams that can be opened may have changed. */
  onSettings(session: Session): void;
  onAnswered(session: Session, exchange: Exchange): void;
  /** The server did not process these requests, in the order they were sent. If empty, it only accepts no more. */
  onUnprocessed(session: Session, exchanges: readonly Exchange[]): void;
  onBroken(session: Session, exchange: Exchange, reason: Reason): void;
  /** The session is over, and these requests were in flight. */
  onEnded(session: Session, lost: readonly Exchange[], reason: Reason): void;
}

export interface SessionContext {
  readonly recorder: Recorder;
  /** Starts to connect. All reads go into `readBuffer`. */
  readonly connect: (onBytes: OnBytes) => Socket;
  /** The event after which a socket is writable. */
  readonly readyEvent: 'connect' | 'secureConnect';
  readonly readBuffer: Buffer;
}

export class Session {
  /** By `performance.now()`. */
  readonly openedAt = performance.now();
  /** Whether the socket is connected, even if no HTTP/2 was received yet. */
  isConnected = false;
  /** Whether the server's SETTINGS arrived; before that its limit of streams is unknown. */
  isReady = false;
  /** Whether it opens no more streams; open ones continue. */
  isRetired = false;
  /** How many requests it has answered. */
  answered = 0;
  readonly #context: SessionContext;
  readonly #owner: SessionOwner;
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #writer: FrameWriter;
  readonly #streams = new Streams();
  readonly #noise = new Noise();
  readonly #flow: FlowControl;
  readonly #heads = new Heads((stream, fields, isEnd, length) =>
    this.#takeHead(stream, fields, isEnd, length),
  );
  #isOver = false;
  #heardAt = 0;

  constructor(context: SessionContext, owner: SessionOwner) {
    this.#context = context;
    this.#owner = owner;
    const socket = context.connect((length) => this.#read(length));
    this.#socket = socket;
    this.#writer = new FrameWriter(socket, () => {
      // Data that the server sent before it went away is still unread, and then comes the end.
      this.isRetired = true;
    });
    this.#flow = new FlowControl(this.#streams, this.#writer, context.recorder, this.#noise);
    socket.once(context.readyEvent, () => this.#connected());
    // A half-closed connection gives no more responses, and may never close by itself.
    socket.once('end', () => this.#ended());
    socket.once('close', () => this.#ended());
    socket.on('error', (error) => this.#ended(error));
  }

  /** Whether a stream can be opened now. */
  get hasRoom(): boolean {
    return this.isReady && !this.isRetired && this.#streams.hasRoom;
  }

  /** The server's limit of concurrent streams. */
  get announced(): number {
    return this.#streams.announced;
  }

  /** In the order in which they were sent. */
  get inFlight(): Iterable<Exchange> {
    return this.#streams.all();
  }

  get isEmpty(): boolean {
    return this.#streams.isEmpty;
  }

  /** Whether no request made any progress since this one was sent, so that not only this one is stuck. */
  isSilentSince({ sent }: Exchange): boolean {
    return this.#heardAt < sent;
  }

  #connected(): void {
    if (this.#isOver) return;
    this.isConnected = true;
    if ('alpnProtocol' in this.#socket && this.#socket.alpnProtocol !== 'h2') {
      this.#end({ kind: 'protocol', message: NOT_HTTP2 });
      return;
    }
    this.#writer.control(GREETING);
  }

  /** Sends a request. There must be room. */
  send(exchange: Exchange): void {
    const { block, body } = exchange.prepared.wire;
    const stream = this.#streams.open(exchange);
    if (this.#streams.areUsedUp) this.isRetired = true;
    const head = headFrames(stream, block, body === null || body.length === 0);
    exchange.sentOn(stream, this.#flow.streamWindow, performance.now());
    this.#context.recorder.wrote(exchange, head.length);
    this.#writer.write(head);
    if (!exchange.isWritten) this.#flow.writeBody(exchange);
  }

  /** Cancels a request that timed out; the others continue. */
  reset(exchange: Exchange): void {
    this.#streams.end(exchange);
    this.#writer.control(resetFrame(exchange.stream, CODE.cancel));
    // Deferred, as the caller may be about to expire the next request.
    setImmediate(() => this.#closeIfDone());
  }

  /** Opens no more streams, and closes when the open ones have ended. */
  retire(): void {
    this.isRetired = true;
    this.#closeIfDone();
  }

  /** Closes it without notifying its owner. */
  destroy(code: number = CODE.none): void {
    this.#isOver = true;
    this.isRetired = true;
    this.#streams.endAbove(0);
    if (this.isConnected && this.#socket.writable) this.#writer.end(goawayFrame(code));
    // What is written is on its way by then. What is not, since the server does not read, is not waited for.
    setImmediate(() => this.#socket.destroy());
  }

  #closeIfDone(): void {
    if (this.isRetired && !this.#isOver && this.isEmpty) this.#end({ kind: 'cut-off', message: CLOSED });
  }

  #ended(error?: NodeJS.ErrnoException): void {
    if (this.#isOver) return;
    if (this.isConnected && !this.isReady) this.#end({ kind: 'connect', message: SILENT });
    else if (error === undefined) this.#end({ kind: 'cut-off', message: CLOSED });
    else this.#end(failureOf(error, this.isReady));
  }

  #end(reason: Reason, code: number = CODE.none): void {
    const lost = [...this.inFlight];
    this.destroy(code);
    this.#owner.onEnded(this, lost, reason);
  }

  #read(length: number): void {
    if (this.#isOver) return;
    const bytes = this.#context.readBuffer.subarray(0, length);
    try {
      mustBe(this.isReady || bytes.toString('latin1', 0, 7) !== 'HTTP/1.', 'it answers in HTTP/1');
      const error = this.#reader.push(bytes, this.#onFrame);
      if (error !== undefined) throw new Violation(error);
    } catch (error) {
      if (!(error instanceof Violation || error instanceof HpackError)) throw error;
      const message = this.isReady
        ? `was answered with something other than HTTP/2: ${error.message}`
        : `${NOT_HTTP2}: ${error.message}`;
      this.#end({ kind: 'protocol', message }, CODE.protocol);
    }
  }

  readonly #onFrame = (frame: Frame): boolean => {
    const { type, flags } = frame;
    const isSettings = type === TYPE.settings && (flags & FLAG.ack) === 0;
    mustBe(this.isReady || isSettings, 'its first frame is no SETTINGS');
    mustBe(this.#heads.admits(frame), 'another frame within a head');
    this.#noise.add();
    this.#take(frame);
    if (!this.#isOver && this.#noise.isFlood) this.#flooded(showType(type));
    else if (!this.#isOver && this.#writer.isUnread)
      this.#flooded(`${showType(type)} and does not read the answers`);
    return !this.#isOver;
  };

  /** A denial of service by section 10.5: frames that cost more than they are of use. */
  #flooded(what: string): void {
    const message = `was cut off: the server floods the connection with ${what}`;
    this.#end({ kind: 'protocol', message }, CODE.calm);
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case TYPE.data:
        this.#takeData(frame);
        break;
      case TYPE.headers:
        this.#streams.at(frame.stream);
        this.#heads.takeHeaders(frame);
        break;
      case TYPE.continuation:
        this.#heads.takeContinuation(frame);
        break;
      case TYPE.reset:
        this.#takeReset(frame);
        break;
      case TYPE.settings:
        this.#takeSettings(frame);
        break;
      case TYPE.push:
        throw new Violation('it pushes what nobody wants');
      case TYPE.ping:
        mustBe(frame.payload.length === 8 && frame.stream === 0, 'a PING of another form');
        if ((frame.flags & FLAG.ack) === 0) this.#writer.control(pingAck(frame.payload));
        break;
      case TYPE.goaway:
        this.#takeGoaway(frame);
        break;
      case TYPE.windowUpdate:
        this.#takeWindowUpdate(frame);
        break;
      // PRIORITY means nothing to a client, and unknown frames must be ignored.
    }
  }

  /** A request made progress. */
  #heard(exchange: Exchange, bytes: number): void {
    this.#noise.allow(ALLOWED.aFrame);
    this.#heardAt = performance.now();
    this.#context.recorder.received(exchange, bytes);
  }

  #takeData({ flags, stream, payload }: Frame): void {
    const exchange = this.#streams.at(stream);
    this.#flow.came(payload.length);
    const data = unpad(flags, payload, 0);
    const isEnd = (flags & FLAG.endStream) !== 0;
    if (exchange === undefined) {
      // Late data for a stream that was reset.
      if (data.length > 0) this.#noise.allow(1);
      return;
    }
    if (!exchange.hasHead) {
      this.#malformed(exchange, 'a body before its head');
      return;
    }
    if (data.length > 0 || isEnd) this.#heard(exchange, payload.length);
    exchange.take(data, this.#context.recorder.bodyToKeep(exchange));
    const error = exchange.lengthError(isEnd);
    if (error !== undefined) this.#malformed(exchange, error);
    else if (isEnd) this.#answer(exchange);
    else this.#flow.cameOn(exchange, payload.length);
  }

  #takeHead(stream: number, fields: readonly Field[], isEnd: boolean, length: number): void {
    const exchange = this.#streams.at(stream);
    if (exchange === undefined) return;
    if (exchange.hasHead) this.#takeTrailers(exchange, fields, isEnd);
    else this.#takeResponse(exchange, fields, isEnd, length);
  }

  #takeResponse(exchange: Exchange, fields: readonly Field[], isEnd: boolean, length: number): void {
    const head = readHead(fields);
    if (typeof head === 'string') {
      this.#malformed(exchange, head);
      return;
    }
    if (head.status < 200) {
      exchange.informational += 1;
      if (isEnd) this.#malformed(exchange, `nothing behind the status ${head.status}`);
      else if (exchange.informational > MOST_INFORMATIONAL)
        this.#flooded('responses that announce another one (1xx)');
      return;
    }
    this.#heard(exchange, length);
    exchange.answeredBy(head);
    if (isEnd) this.#finish(exchange);
  }

  #takeTrailers(exchange: Exchange, fields: readonly Field[], isEnd: boolean): void {
    const error = isEnd ? trailersError(fields) : 'a second head';
    if (error !== undefined) this.#malformed(exchange, error);
    else this.#finish(exchange);
  }

  #finish(exchange: Exchange): void {
    const error = exchange.lengthError(true);
    if (error !== undefined) this.#malformed(exchange, error);
    else this.#answer(exchange);
  }

  #answer(exchange: Exchange): void {
    this.#streams.answered(exchange);
    // The server answered before it had the whole request, and does not need the rest.
    if (!exchange.isWritten) this.#writer.control(resetFrame(exchange.stream, CODE.cancel));
    this.answered += 1;
    this.#noise.allow(ALLOWED.aResponse);
    this.#owner.onAnswered(this, exchange);
    this.#closeIfDone();
  }

  /** Resets the stream of a malformed response; the others continue. */
  #malformed(exchange: Exchange, what: string): void {
    this.#writer.control(resetFrame(exchange.stream, CODE.protocol));
    const message = `was answered with something other than an HTTP/2 response: ${what}`;
    this.#break(exchange, { kind: 'protocol', message });
  }

  #break(exchange: Exchange, reason: Reason): void {
    this.#streams.end(exchange);
    this.#noise.allow(ALLOWED.aResponse);
    this.#owner.onBroken(this, exchange, reason);
    this.#closeIfDone();
  }

  #takeReset({ stream, payload }: Frame): void {
    const exchange = this.#streams.at(stream);
    mustBe(payload.length === 4, 'a RST_STREAM of another form');
    if (exchange === undefined) return;
    this.#heard(exchange, 0);
    const code = payload.readUInt32BE(0);
    if (code === CODE.refused && !exchange.hasHead) this.#refused(exchange);
    else
      this.#break(exchange, {
        kind: code === CODE.protocol ? 'protocol' : 'cut-off',
        message: `was cut off: its stream was reset (${showCode(code)})`,
      });
  }

  #refused(exchange: Exchange): void {
    this.#noise.allow(ALLOWED.aResponse);
    if (!this.#streams.refused(exchange)) this.isRetired = true;
    this.#owner.onUnprocessed(this, [exchange]);
    this.#closeIfDone();
  }

  #takeSettings(frame: Frame): void {
    if (!applySettings(frame, this.#streams, this.#flow)) return;
    this.#writer.control(SETTINGS_ACK);
    this.isReady = true;
    this.#owner.onSettings(this);
  }

  #takeWindowUpdate(frame: Frame): void {
    const exchange = this.#flow.widen(frame);
    if (exchange !== undefined) this.#malformed(exchange, TOO_WIDE);
  }

  /** The server accepts no more streams; requests it has not seen are resent (section 6.8). */
  #takeGoaway({ stream, payload }: Frame): void {
    mustBe(stream === 0 && payload.length >= 8, 'a GOAWAY of another form');
    const last = payload.readUInt32BE(0) & LARGEST;
    const code = payload.readUInt32BE(4);
    this.isRetired = true;
    this.#owner.onUnprocessed(this, this.#streams.endAbove(last));
    const message = `was cut off: the server ended the connection (${showCode(code)})`;
    if (code !== CODE.none && !this.#isOver) this.#end({ kind: 'cut-off', message });
    else this.#closeIfDone();
  }
}

const NOT_HTTP2 = 'was not sent: the server does not speak HTTP/2';
const SILENT = 'was not sent: the server closed the connection before it sent any HTTP/2';
const CLOSED = 'was not answered: the server closed the connection';
