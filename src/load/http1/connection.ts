/** One connection of HTTP/1.1: writes requests, takes responses, and makes itself anew when it is lost. */
import type { Socket } from 'node:net';
import type { LoadFailureKind } from '../../domain/load.ts';
import type { Connection, OnFree } from '../connection.ts';
import type { Evidence, Pending, Recorder } from '../measure/recorder.ts';
import type { Prepared, RequestSource } from '../request/source.ts';
import { backoff, failureOf, type OnBytes } from '../socket.ts';
import type { KnownHead } from './known-head.ts';
import { ResponseScanner, type ResponseSink } from './scanner.ts';

/** What all connections of a thread share. */
export interface Http1Context {
  readonly source: RequestSource<Buffer>;
  readonly recorder: Recorder;
  /** Begins to connect. Whatever is read goes into `readBuffer`. */
  readonly connect: (onBytes: OnBytes) => Socket;
  /** The event that says that a socket can be written to. */
  readonly readyEvent: 'connect' | 'secureConnect';
  readonly readBuffer: Buffer;
  readonly knownHead: KnownHead;
  readonly keepAlive: boolean;
  readonly pipelining: number;
  /** In milliseconds. */
  readonly timeouts: { readonly connect: number; readonly response: number };
  readonly onFree: OnFree;
}

class Slot implements Pending {
  prepared: Prepared<Buffer> | undefined;
  due = 0;
  sent = Number.NaN;
  isChecked = false;

  get index(): number {
    return this.prepared?.index ?? 0;
  }

  get wire(): Buffer | string {
    return this.prepared?.wire ?? '';
  }
}

export class Http1Connection implements Connection, ResponseSink {
  readonly capacity: number;
  inFlight = 0;
  notBefore = 0;
  readonly #context: Http1Context;
  readonly #scanner: ResponseScanner;
  /** A ring: the requests under way, in the order in which they are answered. */
  readonly #slots: readonly Slot[];
  #first = 0;
  /** How many of those under way have been written. */
  #written = 0;
  #socket: Socket | undefined;
  #isOpen = false;
  #connectingSince = 0;
  #failuresInRow = 0;
  #isToClose = false;
  #now = 0;
  readonly #onBytes: OnBytes = (length) => this.#read(length);

  constructor(context: Http1Context) {
    this.#context = context;
    this.#scanner = new ResponseScanner(this, context.knownHead);
    this.capacity = context.pipelining;
    this.#slots = Array.from({ length: context.pipelining }, () => new Slot());
  }

  get isConnecting(): boolean {
    return this.#socket !== undefined && !this.#isOpen;
  }

  send(due: number): void {
    const { source, recorder } = this.#context;
    const slot = this.#slotAt(this.inFlight);
    slot.prepared = source.next();
    slot.due = due;
    slot.sent = Number.NaN;
    slot.isChecked = recorder.nextIsChecked();
    this.inFlight += 1;
    if (this.#isOpen) this.#write(slot);
    else if (this.#socket === undefined) this.#open();
  }

  expire(now: number): void {
    if (this.inFlight === 0) return;
    const { connect, response } = this.#context.timeouts;
    if (!this.#isOpen) {
      if (now - this.#connectingSince > connect) this.#timeOut(`was not connected within ${connect} ms`, now);
    } else if (now - this.#slotAt(0).sent > response)
      this.#timeOut(`had no answer within ${response} ms`, now);
  }

  finish(now: number): void {
    while (this.inFlight > 0) this.#context.recorder.inFlightAtEnd(this.#shift(), now);
    this.#drop();
  }

  isExpecting(): boolean {
    return this.inFlight > 0;
  }

  expectsHead(): boolean {
    return this.#slotAt(0).prepared?.isHead === true;
  }

  bodyToKeep(): number {
    return this.#context.recorder.bodyToKeep(this.#slotAt(0));
  }

  onResponse(response: ResponseScanner): void {
    this.#context.recorder.responded(this.#shift(), response, this.#now);
    this.#failuresInRow = 0;
    if (!response.keepAlive || !this.#context.keepAlive) this.#isToClose = true;
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

  #write(slot: Slot): void {
    const wire = slot.prepared?.wire as Buffer;
    slot.sent = performance.now();
    this.#written += 1;
    this.#context.recorder.wrote(slot.due, slot.sent, wire.length);
    this.#socket?.write(wire);
  }

  #open(): void {
    this.#connectingSince = performance.now();
    this.#scanner.reset();
    this.#isToClose = false;
    this.#written = 0;
    const socket = this.#context.connect(this.#onBytes);
    this.#socket = socket;
    const isCurrent = (): boolean => this.#socket === socket;
    socket.once(this.#context.readyEvent, () => {
      if (isCurrent()) this.#opened();
    });
    socket.once('end', () => {
      if (isCurrent()) this.#ended();
    });
    socket.once('close', () => {
      if (isCurrent()) this.#ended();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!isCurrent()) return;
      const { kind, message } = failureOf(error, this.#isOpen);
      this.#lose(kind, message);
    });
  }

  #opened(): void {
    this.#isOpen = true;
    this.#context.recorder.connected(performance.now());
    while (this.#written < this.inFlight) this.#write(this.#slotAt(this.#written));
  }

  #read(length: number): void {
    const before = this.inFlight;
    this.#now = performance.now();
    if (before > 0) this.#context.recorder.received(this.#slotAt(0).due, length);
    if (!this.#scanner.push(this.#context.readBuffer, 0, length)) this.#violated();
    else if (this.#isToClose) this.#close();
    else if (this.inFlight < before) this.#context.onFree(this, this.#now);
  }

  /** The last response said that it is the last, or this connection is for one request only. */
  #close(): void {
    if (this.inFlight > 0)
      this.#lose('cut-off', 'was not answered: the response before it closed the connection');
    else {
      this.#drop();
      this.#context.onFree(this, this.#now);
    }
  }

  /** The server has ended the connection. */
  #ended(): void {
    this.#now = performance.now();
    const isBetween = this.#scanner.end();
    if (this.inFlight > 0) {
      const message = isBetween
        ? 'was not answered: the server closed the connection'
        : 'was cut off: the server closed the connection in the middle of the response';
      this.#lose(this.#isOpen ? 'cut-off' : 'connect', message);
    } else {
      this.#drop();
      this.#context.onFree(this, this.#now);
    }
  }

  #violated(): void {
    const { error, evidence } = this.#scanner;
    if (this.inFlight > 0) {
      this.#lose('protocol', `was answered with what is no HTTP/1.1 response: ${error}`, { bytes: evidence });
    } else {
      this.#context.recorder.stray(error, evidence);
      this.#drop();
      this.#context.onFree(this, this.#now);
    }
  }

  /** Takes down all that was under way: the first for the reason given, what waited behind it as cut off with it. */
  #lose(kind: LoadFailureKind, message: string, evidence?: Evidence): void {
    const { recorder } = this.#context;
    const now = performance.now();
    const isPart = kind === 'cut-off' && this.#scanner.isWithin;
    const shown = evidence ?? (isPart ? this.#scanner.partial() : undefined);
    if (kind === 'connect' || kind === 'tls') recorder.refused(kind);
    if (this.inFlight > 0) recorder.failed(this.#shift(), kind, message, shown);
    while (this.inFlight > 0)
      recorder.failed(
        this.#shift(),
        kind === 'protocol' ? 'cut-off' : kind,
        kind === 'protocol' ? 'was behind a response that is none, on the same connection' : message,
      );
    this.#rest(now);
  }

  #timeOut(message: string, now: number): void {
    while (this.inFlight > 0) this.#context.recorder.timedOut(this.#shift(), message, now);
    this.#rest(now);
  }

  /** After a failure the next connection is made at once, after several in a row later and later. */
  #rest(now: number): void {
    this.notBefore = now + backoff(this.#failuresInRow);
    this.#failuresInRow += 1;
    this.#drop();
    this.#context.onFree(this, now);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#isOpen = false;
    socket?.destroy();
  }
}
