/** An HTTP/1.1 connection: writes requests, reads responses, and reconnects when it is lost. */
import type { Socket } from 'node:net';
import type { LoadFailureKind } from '../../../core/load.ts';
import type { Connection, OnFree } from '../connection.ts';
import { isReset } from '../departure.ts';
import type { Evidence, Pending, Recorder } from '../measure/recorder.ts';
import type { Http1Wire } from '../request/encode.ts';
import type { Prepared, RequestSource } from '../request/source.ts';
import type { Sender } from '../sender.ts';
import { backoff, failureOf, type OnBytes } from '../socket.ts';
import type { KnownHeads } from './known-heads.ts';
import type { Outbox, Writer } from './outbox.ts';
import { ResponseScanner, type ResponseSink } from './scanner.ts';

/** Shared by all connections of a thread. */
export interface Http1Context {
  readonly source: RequestSource<Http1Wire>;
  readonly recorder: Recorder;
  /** Starts to connect. All reads go into `readBuffer`. */
  readonly connect: (onBytes: OnBytes) => Socket;
  /** The event after which a socket is writable. */
  readonly readyEvent: 'connect' | 'secureConnect';
  readonly readBuffer: Buffer;
  readonly knownHeads: KnownHeads;
  readonly outbox: Outbox;
  readonly pipelining: number;
  /** In milliseconds. */
  readonly timeouts: { readonly connect: number; readonly response: number };
  readonly onFree: OnFree;
}

class Slot implements Pending {
  prepared: Prepared<Http1Wire> | undefined;
  sender: Sender | undefined;
  due = 0;
  sent = Number.NaN;
  isChecked = false;

  get index(): number {
    return this.prepared?.index ?? 0;
  }

  get wire(): Buffer | string {
    return this.prepared?.wire.bytes ?? '';
  }
}

/** How long a finished connection is still read, in milliseconds, to detect excess bytes. */
const LISTENED_AFTER = 1000;

/**
 * Requests pipelined behind a response that closes were not processed (RFC 9112, section 9.6). They keep their place
 * and due time, and are resent on the next connection. Each such connection has answered at least one request, so this
 * ends; and the next one pipelines only as many as the last one answered, so that a server that closes each time does
 * not get the same requests many times over.
 */
export class Http1Connection implements Connection<Http1Wire>, ResponseSink, Writer {
  readonly capacity: number;
  inFlight = 0;
  notBefore = 0;
  readonly #context: Http1Context;
  readonly #scanner: ResponseScanner;
  /** A ring buffer of the requests in flight, in the order of their responses. */
  readonly #slots: readonly Slot[];
  #first = 0;
  /** How many of them have been written. */
  #written = 0;
  /** How many may be written ahead. */
  #ahead: number;
  /** How many responses arrived on this socket. */
  #answered = 0;
  /** Whether the last request for this socket was written. */
  #isSpent = false;
  #isToFlush = false;
  #socket: Socket | undefined;
  /** The previous socket, until the server closes it. */
  #former: Socket | undefined;
  #leftAt = 0;
  #isOpen = false;
  #connectingSince = 0;
  #failuresInRow = 0;
  #isToClose = false;
  #now = 0;

  constructor(context: Http1Context) {
    this.#context = context;
    this.#scanner = new ResponseScanner(this, context.knownHeads);
    this.capacity = context.pipelining;
    this.#ahead = this.capacity;
    this.#slots = Array.from({ length: context.pipelining }, () => new Slot());
  }

  get isConnecting(): boolean {
    return this.#socket !== undefined && !this.#isOpen;
  }

  /** Whether it is established, and the server has not said that it closes it. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(due: number, prepared?: Prepared<Http1Wire>, sender?: Sender): void {
    const { source, recorder } = this.#context;
    const slot = this.#slotAt(this.inFlight);
    slot.prepared = prepared ?? source.next();
    slot.sender = sender;
    slot.due = due;
    slot.sent = Number.NaN;
    slot.isChecked = recorder.nextIsChecked();
    this.inFlight += 1;
    if (this.#isOpen) this.#flushSoon();
    else if (this.#socket === undefined) this.#open();
  }

  expire(now: number): void {
    if (this.#former !== undefined && now - this.#leftAt > LISTENED_AFTER) this.#forget();
    if (this.inFlight === 0) return;
    const { connect, response } = this.#context.timeouts;
    if (!this.#isOpen) {
      if (now - this.#connectingSince > connect)
        this.#timeOut(this.inFlight, `was not connected within ${connect} ms`, now);
    } else if (now - this.#slotAt(0).sent > response)
      this.#timeOut(this.#written, `had no answer within ${response} ms`, now);
  }

  finish(now: number): void {
    while (this.inFlight > 0) this.#context.recorder.inFlightAtEnd(this.#shift(), now);
    this.#drop();
    this.#forget();
  }

  isExpecting(): boolean {
    return this.#written > 0;
  }

  expectsHead(): boolean {
    return this.#slotAt(0).prepared?.isHead === true;
  }

  bodyToKeep(): number {
    return this.#context.recorder.bodyToKeep(this.#slotAt(0));
  }

  onResponse(response: ResponseScanner): void {
    const slot = this.#shift();
    this.#context.recorder.responded(slot, response, this.#now);
    this.#failuresInRow = 0;
    this.#answered += 1;
    if (!response.keepAlive || slot.prepared?.wire.isLast === true) this.#isToClose = true;
    else if (this.#ahead < this.capacity) this.#ahead += 1;
  }

  #slotAt(place: number): Slot {
    const at = this.#first + place;
    return this.#slots[at < this.capacity ? at : at - this.capacity] as Slot;
  }

  #shift(): Slot {
    const slot = this.#slotAt(0);
    this.#first = this.#first + 1 === this.capacity ? 0 : this.#first + 1;
    this.inFlight -= 1;
    if (this.#written > 0) this.#written -= 1;
    return slot;
  }

  /** What is pipelined is written together, and after a pause nothing before it is known who has closed meanwhile. */
  #flushSoon(): void {
    if (this.capacity === 1) {
      const now = performance.now();
      if (!this.#context.recorder.attention.isBehind(now)) {
        this.#flush(now);
        return;
      }
    }
    if (this.#isToFlush) return;
    this.#isToFlush = true;
    this.#context.outbox.add(this);
  }

  flush(): void {
    this.#isToFlush = false;
    this.#flush(performance.now());
  }

  /** Writes the waiting requests, all at once. */
  #flush(now: number): void {
    const socket = this.#socket;
    if (socket === undefined || !this.#isOpen) return;
    const upTo = Math.min(this.inFlight, this.#ahead);
    const isSeveral = upTo - this.#written > 1;
    if (isSeveral) socket.cork();
    while (this.#written < upTo && !this.#isSpent) this.#write(socket, this.#slotAt(this.#written), now);
    if (isSeveral) socket.uncork();
  }

  #write(socket: Socket, slot: Slot, now: number): void {
    const { bytes, isLast } = (slot.prepared as Prepared<Http1Wire>).wire;
    slot.sent = now;
    this.#written += 1;
    this.#isSpent = isLast;
    this.#context.recorder.wrote(slot, bytes.length);
    socket.write(bytes);
  }

  #open(): void {
    this.#connectingSince = performance.now();
    this.#scanner.reset();
    this.#isToClose = false;
    this.#isSpent = false;
    this.#answered = 0;
    const isCurrent = (): boolean => this.#socket === socket;
    const socket = this.#context.connect((length) => {
      if (isCurrent()) this.#read(length);
      else this.#readLate(socket, length);
    });
    this.#socket = socket;
    socket.once(this.#context.readyEvent, () => {
      if (isCurrent()) this.#opened();
    });
    socket.once('end', () => {
      if (isCurrent()) this.#ended();
    });
    socket.once('close', () => {
      if (isCurrent()) this.#ended();
      else if (this.#former === socket) this.#former = undefined;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!isCurrent()) return;
      const { kind, message } = failureOf(error, this.#isOpen);
      if (!this.#isUnread(error.code === 'ECONNRESET')) this.#lose(kind, message);
    });
  }

  #opened(): void {
    this.#isOpen = true;
    this.#context.recorder.connected(performance.now(), this.#connectingSince);
    this.flush();
  }

  #read(length: number): void {
    const before = this.inFlight;
    this.#now = performance.now();
    if (before > 0) this.#context.recorder.received(this.#slotAt(0), length);
    if (!this.#scanner.push(this.#context.readBuffer, 0, length)) this.#violated();
    else if (this.#isToClose) this.#close();
    else if (this.inFlight < before) {
      this.#context.onFree(this, this.#now);
      if (this.#written < this.inFlight) this.#flushSoon();
    }
  }

  /** Bytes after the last response of a connection are an error, in the same read or a later one. */
  #readLate(socket: Socket, length: number): void {
    if (this.#former !== socket) return;
    this.#excess(this.#context.readBuffer.subarray(0, length));
    this.#forget();
  }

  #excess(bytes: Uint8Array): void {
    this.#context.recorder.stray('data after the last response of its connection', bytes);
  }

  /** The last response, or its request, announced that the connection closes. */
  #close(): void {
    const { excess } = this.#scanner;
    if (excess.length > 0) this.#excess(excess);
    this.#leave();
    if (this.#written > 0) this.#ahead = Math.min(this.capacity, this.#answered);
    this.#goOn(this.#now);
  }

  /** The server ended the connection. */
  #ended(): void {
    this.#now = performance.now();
    const isBetween = this.#scanner.end();
    if (this.#isToClose) this.#close();
    else if (this.#isOpen && this.#written === 0) {
      this.#drop();
      this.#goOn(this.#now);
    } else {
      if (this.#isUnread(this.#socket !== undefined && isReset(this.#socket))) return;
      const message = isBetween
        ? 'was not answered: the server closed the connection'
        : 'was cut off: the server closed the connection in the middle of the response';
      this.#lose(this.#isOpen ? 'cut-off' : 'connect', message);
    }
  }

  /** Sends a request again that a server which leaves has not read. @returns whether that is so */
  #isUnread(wasReset: boolean): boolean {
    const { departure } = this.#context.recorder;
    // Which of several requests it has read is unknown.
    if (departure === undefined || this.#written !== 1 || !this.#isOpen || this.#scanner.isWithin)
      return false;
    const now = performance.now();
    const loss = { pending: this.#slotAt(0), isKept: this.#answered > 0, isReset: wasReset, now };
    if (!departure.isUnread(loss)) return false;
    this.#drop();
    this.#goOn(now);
    return true;
  }

  #violated(): void {
    const { error, evidence } = this.#scanner;
    if (this.#written > 0) {
      this.#lose('protocol', `was answered with something other than an HTTP/1.1 response: ${error}`, {
        bytes: evidence,
      });
    } else {
      this.#context.recorder.stray(error, evidence);
      this.#drop();
      this.#goOn(this.#now);
    }
  }

  /** Fails all requests in flight: the first for the given reason, those sent after it as cut off. */
  #lose(kind: LoadFailureKind, message: string, evidence?: Evidence): void {
    const { recorder } = this.#context;
    const now = performance.now();
    const isPart = kind === 'cut-off' && this.#scanner.isWithin;
    const shown = evidence ?? (isPart ? this.#scanner.partial() : undefined);
    if (kind === 'connect' || kind === 'tls' || kind === 'machine') recorder.refused(kind);
    const lost = this.#isOpen ? this.#written : this.inFlight;
    if (lost > 0) recorder.failed(this.#shift(), kind, message, shown);
    for (let i = 1; i < lost; i += 1)
      recorder.failed(
        this.#shift(),
        kind === 'protocol' ? 'cut-off' : kind,
        kind === 'protocol' ? 'was queued behind an invalid response on the same connection' : message,
      );
    this.#rest(now);
  }

  #timeOut(count: number, message: string, now: number): void {
    for (let i = 0; i < count; i += 1) this.#context.recorder.timedOut(this.#shift(), message, now);
    this.#rest(now);
  }

  /** Reconnects at once after a single failure, and later and later after several in a row. */
  #rest(now: number): void {
    const hasLeft = this.#context.recorder.departure?.hasRefused === true;
    this.notBefore = hasLeft ? Number.POSITIVE_INFINITY : now + backoff(this.#failuresInRow);
    this.#failuresInRow += 1;
    this.#drop();
    this.#goOn(now);
  }

  /** Reconnects for the requests that this socket did not process, and accepts more. */
  #goOn(now: number): void {
    for (let i = 0; i < this.#written; i += 1) this.#slotAt(i).sent = Number.NaN;
    this.#written = 0;
    if (this.inFlight > 0) this.#open();
    this.#context.onFree(this, now);
  }

  /** Closes our side. The server should do the same, and send nothing more. */
  #leave(): void {
    this.#forget();
    this.#former = this.#socket;
    this.#leftAt = this.#now;
    this.#socket = undefined;
    this.#isOpen = false;
    this.#former?.end();
  }

  #forget(): void {
    const former = this.#former;
    this.#former = undefined;
    former?.destroy();
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#isOpen = false;
    socket?.destroy();
  }
}
