/** One connection of HTTP/2 as long as it lasts, whatever the server does to it. */
import type { Socket } from 'node:net';
import type { LoadFailureKind } from '../../domain/load.ts';
import type { Recorder } from '../measure/recorder.ts';
import { failureOf, type OnBytes } from '../socket.ts';
import type { Exchange } from './exchange.ts';
import { FrameWriter } from './frame-writer.ts';
import {
  CODE,
  FLAG,
  type Frame,
  FrameReader,
  frame,
  goawayFrame,
  headFrames,
  LARGEST,
  LARGEST_FRAME,
  PREFACE,
  pingAck,
  resetFrame,
  SETTING,
  SETTINGS_ACK,
  settingsFrame,
  showCode,
  showType,
  TYPE,
  USUAL_WINDOW,
  windowUpdate,
} from './frames.ts';
import { type Field, HeadDecoder, HpackError, LARGEST_HEAD } from './hpack.ts';
import { readHead, trailersError } from './response-head.ts';

/**
 * So many frames that bring no request any further may come, and more as requests do get further: so many for each
 * frame that is part of a response, for each response, and for each byte of a request that the server lets in. A server
 * with a PING every second, or two updates of a window for a few bytes each, stays far below; one that puts a byte of
 * a response between thousands of PINGs does not.
 */
const MOST_NOISE = 10_000;
const NOISE_A_FRAME = 100;
const NOISE_A_RESPONSE = 1000;
const NOISE_A_BYTE = 1 / 16;
/** So many answers may be written that the server has not read: as many as Go and Netty let lie. */
const MOST_OWED = 10_000;
/** So many responses may announce the one that answers a request. */
const MOST_INFORMATIONAL = 1000;
/** Of what the server may send it is told when half has come. */
const WINDOW_SHARE = 2 ** 30;

/** Why something went wrong. */
export interface Reason {
  readonly kind: LoadFailureKind;
  readonly message: string;
}

/** Told what becomes of a session and its requests. Each request that was sent is told of once. */
export interface SessionOwner {
  /** The server's SETTINGS came: streams may be opened, or another number of them than before. */
  onSettings(session: Session): void;
  onAnswered(session: Session, exchange: Exchange): void;
  /** The server has not processed these, in the order in which they were sent. None: it only takes no more. */
  onUnprocessed(session: Session, exchanges: readonly Exchange[]): void;
  onBroken(session: Session, exchange: Exchange, reason: Reason): void;
  /** Nothing comes any more, and these were under way. */
  onEnded(session: Session, lost: readonly Exchange[], reason: Reason): void;
}

export interface SessionContext {
  readonly recorder: Recorder;
  /** Begins to connect. Whatever is read goes into `readBuffer`. */
  readonly connect: (onBytes: OnBytes) => Socket;
  /** The event that says that a socket can be written to. */
  readonly readyEvent: 'connect' | 'secureConnect';
  readonly readBuffer: Buffer;
}

/** Nothing that was not asked for, and as much at a time as comes: what comes is not kept. */
const GREETING = Buffer.concat([
  PREFACE,
  settingsFrame([
    [SETTING.push, 0],
    [SETTING.initialWindow, LARGEST],
  ]),
  windowUpdate(0, LARGEST - USUAL_WINDOW),
]);

/** A rule that the server breaks, so that nothing it says can be relied on any more. */
class Violation extends Error {}

export class Session {
  /** On the clock of `performance.now()`. */
  readonly openedAt = performance.now();
  /** Whether there is a connection, though the server may not have said a word of HTTP/2 on it. */
  isConnected = false;
  /** Whether the server's SETTINGS are here. Before that nobody knows how many streams there may be. */
  isReady = false;
  /** Whether no stream is opened any more; those under way go on. */
  isRetired = false;
  /** How many requests it has answered. */
  answered = 0;
  /** How many streams at a time the server announces. */
  announced = Number.POSITIVE_INFINITY;
  /** How many it really takes, where it refused one: as many as were under way then, and with each answer one more. */
  #taken = Number.POSITIVE_INFINITY;
  readonly #context: SessionContext;
  readonly #owner: SessionOwner;
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #writer: FrameWriter;
  readonly #decoder = new HeadDecoder();
  /** By stream, in the order in which they were sent. */
  readonly #exchanges = new Map<number, Exchange>();
  #nextStream = 1;
  #isOver = false;
  /** How many frames came that brought no request any further, less those that were allowed since. */
  #noise = 0;
  #heardAt = 0;
  /** A head that goes on in the next frame. */
  #open: { readonly stream: number; readonly isEnd: boolean; parts: Buffer[]; length: number } | undefined;
  /** What the server lets in: on the connection, and at first on each stream. */
  #window = USUAL_WINDOW;
  #streamWindow = USUAL_WINDOW;
  /** How much came on the connection since the server was told that more may. */
  #came = 0;

  constructor(context: SessionContext, owner: SessionOwner) {
    this.#context = context;
    this.#owner = owner;
    const socket = context.connect((length) => this.#read(length));
    this.#socket = socket;
    this.#writer = new FrameWriter(socket, () => {
      // What the server said before it was gone is still to come, and then the end.
      this.isRetired = true;
    });
    socket.once(context.readyEvent, () => this.#connected());
    // What is half closed answers nothing any more, and need not ever close.
    socket.once('end', () => this.#ended());
    socket.once('close', () => this.#ended());
    socket.on('error', (error) => this.#ended(error));
  }

  /** Whether a stream may be opened now. */
  get hasRoom(): boolean {
    return this.isReady && !this.isRetired && this.#exchanges.size < Math.min(this.announced, this.#taken);
  }

  get inFlight(): Iterable<Exchange> {
    return this.#exchanges.values();
  }

  get isEmpty(): boolean {
    return this.#exchanges.size === 0;
  }

  /** Whether nothing was heard of any of its requests since this one was sent: not only this one has no answer. */
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
    const stream = this.#nextStream;
    this.#nextStream += 2;
    if (this.#nextStream > LARGEST) this.isRetired = true;
    this.#exchanges.set(stream, exchange);
    const head = headFrames(stream, block, body === null || body.length === 0);
    exchange.sentOn(stream, this.#streamWindow, performance.now());
    this.#context.recorder.wrote(exchange.due, head.length);
    this.#writer.write(head);
    if (!exchange.isWritten) this.#writeBody(exchange);
  }

  /** Writes as much of the body as the server lets in. */
  #writeBody(exchange: Exchange): void {
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
      this.#context.recorder.wrote(exchange.due, bytes.length);
      this.#writer.write(bytes);
      this.#gotFurther(length * NOISE_A_BYTE);
    }
  }

  /** Takes a request that has waited too long off the connection; the others stay. */
  reset(exchange: Exchange): void {
    this.#exchanges.delete(exchange.stream);
    this.#writer.control(resetFrame(exchange.stream, CODE.cancel));
    // Not at once: whoever looks for what has waited too long goes on to the next.
    setImmediate(() => this.#closeIfDone());
  }

  /** Opens no more streams; ends when those under way have. */
  retire(): void {
    this.isRetired = true;
    this.#closeIfDone();
  }

  /** Ends it without a word to its owner. */
  destroy(code: number = CODE.none): void {
    this.#isOver = true;
    this.isRetired = true;
    this.#exchanges.clear();
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
    const lost = [...this.#exchanges.values()];
    this.destroy(code);
    this.#owner.onEnded(this, lost, reason);
  }

  #read(length: number): void {
    if (this.#isOver) return;
    const bytes = this.#context.readBuffer.subarray(0, length);
    try {
      if (!this.isReady && bytes.toString('latin1', 0, 7) === 'HTTP/1.')
        throw new Violation('it answers in HTTP/1');
      const error = this.#reader.push(bytes, this.#onFrame);
      if (error !== undefined) throw new Violation(error);
    } catch (error) {
      if (!(error instanceof Violation || error instanceof HpackError)) throw error;
      const message = this.isReady
        ? `was answered with what is no HTTP/2: ${error.message}`
        : `${NOT_HTTP2}: ${error.message}`;
      this.#end({ kind: 'protocol', message }, CODE.protocol);
    }
  }

  readonly #onFrame = (frame: Frame): boolean => {
    if (!this.isReady && (frame.type !== TYPE.settings || (frame.flags & FLAG.ack) !== 0))
      throw new Violation('its first frame is no SETTINGS');
    const { type, stream } = frame;
    if (this.#open !== undefined && (type !== TYPE.continuation || stream !== this.#open.stream))
      throw new Violation('another frame within a head');
    this.#noise += 1;
    this.#take(frame);
    if (!this.#isOver && this.#noise > MOST_NOISE) this.#flooded(showType(type));
    else if (!this.#isOver && this.#writer.owed > MOST_OWED)
      this.#flooded(`${showType(type)} and does not read the answers`);
    return !this.#isOver;
  };

  /** As section 10.5 has it: what costs the other side more than it does any good. */
  #flooded(what: string): void {
    const message = `was cut off: the server floods the connection with ${what}`;
    this.#end({ kind: 'protocol', message }, CODE.calm);
  }

  /** @param noise how many frames more are allowed for it */
  #gotFurther(noise: number): void {
    this.#noise = Math.max(0, this.#noise - noise);
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case TYPE.data:
        this.#takeData(frame);
        break;
      case TYPE.headers:
        this.#takeHeaders(frame);
        break;
      case TYPE.continuation:
        this.#takeContinuation(frame);
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
      // PRIORITY says nothing to a client, and what is unknown is to be passed over.
    }
  }

  /** Whether there has been such a stream; what comes on it may be late. */
  #mustBeOpened(stream: number): void {
    mustBe(
      stream % 2 === 1 && stream < this.#nextStream,
      `a frame on stream ${stream}, which was not opened`,
    );
  }

  /** Something brought a request further. */
  #heard(exchange: Exchange, bytes: number): void {
    this.#gotFurther(NOISE_A_FRAME);
    this.#heardAt = performance.now();
    this.#context.recorder.received(exchange.due, bytes);
  }

  #takeData({ flags, stream, payload }: Frame): void {
    this.#mustBeOpened(stream);
    this.#came += payload.length;
    if (this.#came >= WINDOW_SHARE) {
      this.#writer.control(windowUpdate(0, this.#came));
      this.#came = 0;
    }
    const data = unpad(flags, payload, 0);
    const isEnd = (flags & FLAG.endStream) !== 0;
    const exchange = this.#exchanges.get(stream);
    if (exchange === undefined) {
      // Late, for a stream that was reset.
      if (data.length > 0) this.#noise -= 1;
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
    else this.#letIn(exchange, payload.length);
  }

  #letIn(exchange: Exchange, length: number): void {
    exchange.taken += length;
    if (exchange.taken < WINDOW_SHARE) return;
    this.#writer.control(windowUpdate(exchange.stream, exchange.taken));
    exchange.taken = 0;
  }

  #takeHeaders({ flags, stream, payload }: Frame): void {
    this.#mustBeOpened(stream);
    const block = unpad(flags, payload, (flags & FLAG.priority) === 0 ? 0 : 5);
    const isEnd = (flags & FLAG.endStream) !== 0;
    if ((flags & FLAG.endHeaders) !== 0) this.#takeHead(stream, block, isEnd, payload.length);
    else this.#open = { stream, isEnd, parts: [Buffer.from(block)], length: block.length };
  }

  #takeContinuation({ flags, payload }: Frame): void {
    const open = this.#open;
    if (open === undefined) throw new Violation('a CONTINUATION of nothing');
    open.parts.push(Buffer.from(payload));
    open.length += payload.length;
    if (open.length > LARGEST_HEAD) throw new Violation(`a head of more than ${LARGEST_HEAD} bytes`);
    if ((flags & FLAG.endHeaders) === 0) return;
    this.#open = undefined;
    this.#takeHead(open.stream, Buffer.concat(open.parts), open.isEnd, open.length);
  }

  #takeHead(stream: number, block: Buffer, isEnd: boolean, length: number): void {
    // Of a stream that was reset as well: later heads may refer to it.
    const fields = this.#decoder.decode(block);
    const exchange = this.#exchanges.get(stream);
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
    this.#exchanges.delete(exchange.stream);
    // It answered before it had all of the request, and does not want the rest.
    if (!exchange.isWritten) this.#writer.control(resetFrame(exchange.stream, CODE.cancel));
    this.answered += 1;
    this.#taken += 1;
    this.#gotFurther(NOISE_A_RESPONSE);
    this.#owner.onAnswered(this, exchange);
    this.#closeIfDone();
  }

  /** A response that is none: its stream is reset, and the others go on. */
  #malformed(exchange: Exchange, what: string): void {
    this.#writer.control(resetFrame(exchange.stream, CODE.protocol));
    const message = `was answered with what is no HTTP/2 response: ${what}`;
    this.#break(exchange, { kind: 'protocol', message });
  }

  #break(exchange: Exchange, reason: Reason): void {
    this.#exchanges.delete(exchange.stream);
    this.#gotFurther(NOISE_A_RESPONSE);
    this.#owner.onBroken(this, exchange, reason);
    this.#closeIfDone();
  }

  #takeReset({ stream, payload }: Frame): void {
    this.#mustBeOpened(stream);
    mustBe(payload.length === 4, 'a RST_STREAM of another form');
    const exchange = this.#exchanges.get(stream);
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
    this.#exchanges.delete(exchange.stream);
    this.#gotFurther(NOISE_A_RESPONSE);
    this.#taken = this.#exchanges.size;
    // It refuses though nothing else is under way: it takes nothing any more.
    if (this.#taken === 0) this.isRetired = true;
    this.#owner.onUnprocessed(this, [exchange]);
    this.#closeIfDone();
  }

  #takeSettings({ flags, stream, payload }: Frame): void {
    const isAck = (flags & FLAG.ack) !== 0;
    mustBe(stream === 0 && payload.length % 6 === 0, 'SETTINGS of another form');
    mustBe(!isAck || payload.length === 0, 'an acknowledgement that says something');
    if (isAck) return;
    for (let at = 0; at < payload.length; at += 6)
      this.#set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
    this.#writer.control(SETTINGS_ACK);
    this.isReady = true;
    this.#owner.onSettings(this);
  }

  #set(id: number, value: number): void {
    if (id === SETTING.maxStreams) this.announced = value;
    else if (id === SETTING.push) mustBe(value === 0, 'a server that wants to be pushed to');
    else if (id === SETTING.initialWindow) {
      mustBe(value <= LARGEST, 'a window that is too large');
      for (const exchange of this.#exchanges.values()) exchange.window += value - this.#streamWindow;
      this.#streamWindow = value;
      this.#writeBodies();
    } else if (id === SETTING.maxFrame)
      mustBe(value >= LARGEST_FRAME && value < 2 ** 24, `frames of ${value} bytes at most`);
  }

  #takeWindowUpdate({ stream, payload }: Frame): void {
    mustBe(payload.length === 4, 'a WINDOW_UPDATE of another form');
    const by = payload.readUInt32BE(0) & LARGEST;
    mustBe(by > 0, 'a window that grows by nothing');
    if (stream === 0) {
      this.#window += by;
      mustBe(this.#window <= LARGEST, 'a window that is too large');
      this.#writeBodies();
      return;
    }
    this.#mustBeOpened(stream);
    const exchange = this.#exchanges.get(stream);
    if (exchange === undefined) return;
    exchange.window += by;
    if (exchange.window > LARGEST) this.#malformed(exchange, 'a window that is too large');
    else this.#writeBody(exchange);
  }

  #writeBodies(): void {
    for (const exchange of this.#exchanges.values()) if (!exchange.isWritten) this.#writeBody(exchange);
  }

  /** The server takes no more; what it says that it has not seen goes again (section 6.8). */
  #takeGoaway({ stream, payload }: Frame): void {
    mustBe(stream === 0 && payload.length >= 8, 'a GOAWAY of another form');
    const last = payload.readUInt32BE(0) & LARGEST;
    const code = payload.readUInt32BE(4);
    this.isRetired = true;
    const unseen = [...this.#exchanges.values()].filter((exchange) => exchange.stream > last);
    for (const exchange of unseen) this.#exchanges.delete(exchange.stream);
    this.#owner.onUnprocessed(this, unseen);
    const message = `was cut off: the server ended the connection (${showCode(code)})`;
    if (code !== CODE.none && !this.#isOver) this.#end({ kind: 'cut-off', message });
    else this.#closeIfDone();
  }
}

function mustBe(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Violation(otherwise);
}

/** @param before how many bytes stand before what counts, padding apart */
function unpad(flags: number, payload: Buffer, before: number): Buffer {
  const isPadded = (flags & FLAG.padded) !== 0;
  const start = before + (isPadded ? 1 : 0);
  const end = payload.length - (isPadded ? (payload[0] ?? 0) : 0);
  mustBe(start <= end, 'a frame that is nothing but padding');
  return payload.subarray(start, end);
}

const NOT_HTTP2 = 'was not sent: the server does not speak HTTP/2';
const SILENT = 'was not sent: the server closed the connection before it said a word of HTTP/2';
const CLOSED = 'was not answered: the server closed the connection';
