/** What WebSockets and event streams have in common: a connection is made, a request opens it, and then it stays open. */
import type { Socket } from 'node:net';
import type { LoadFailureKind } from '../../../core/load.ts';
import type { Connection, OnFree } from '../connection.ts';
import type { Evidence, Recorder, RefusalKind } from '../measure/recorder.ts';
import { backoff, failureOf, type OnBytes } from '../socket.ts';
import type { ChannelRecorder } from './channel-recorder.ts';
import { type OpeningHead, OpeningReader } from './head.ts';

/** Shared by all channels of a thread. */
export interface ChannelContext {
  readonly recorder: Recorder;
  readonly channels: ChannelRecorder;
  /** Starts to connect. All reads go into `readBuffer`. */
  readonly connect: (onBytes: OnBytes) => Socket;
  readonly readyEvent: 'connect' | 'secureConnect';
  readonly readBuffer: Buffer;
  /** In milliseconds. */
  readonly timeouts: { readonly connect: number; readonly response: number };
  readonly onFree: OnFree;
}

/** Why a channel was not opened, or is no more. */
export interface Refusal {
  readonly kind: LoadFailureKind;
  readonly message: string;
}

const REFUSALS: readonly string[] = ['connect', 'tls', 'protocol', 'machine'] satisfies RefusalKind[];
const isRefusal = (kind: LoadFailureKind): kind is RefusalKind => REFUSALS.includes(kind);

/** How long the server may take to close after us, in milliseconds. */
const CLOSES_WITHIN = 1000;

/**
 *     closed ──open()──▶ connecting ──▶ asked ──accept()──▶ open
 *        ▲                   │            │                  │
 *        └───────────────────┴────────────┴──────────────────┘
 */
export abstract class Channel<C extends ChannelContext = ChannelContext> implements Connection {
  notBefore = 0;
  protected readonly context: C;
  #state: 'closed' | 'connecting' | 'asked' | 'open' = 'closed';
  #socket: Socket | undefined;
  /** Only while the head arrives: most connections are open most of the time. */
  #opening: OpeningReader | undefined;
  #connectingSince = 0;
  #askedAt = 0;
  #failuresInRow = 0;
  /** When the last message or event came; NaN: none yet. */
  #heardAt = Number.NaN;

  constructor(context: C) {
    this.context = context;
  }

  abstract readonly inFlight: number;
  abstract readonly capacity: number;
  abstract send(due: number): void;
  /** The request that opens it. */
  protected abstract request(): Buffer;
  /** What is wrong with the answer to that request, if anything. */
  protected abstract accept(head: OpeningHead): Refusal | undefined;
  /** It is open. What came along with the head is read next. */
  protected abstract onOpen(head: OpeningHead, now: number): void;
  /** Takes what was read, which is only valid until this returns. */
  protected abstract read(bytes: Buffer, now: number): void;
  /** The server ended the open channel. */
  protected abstract onEnd(): void;
  /** Whatever is in flight waits in vain. Not called if there is nothing. */
  protected abstract fail(refusal: Refusal, evidence?: Evidence): void;
  protected abstract timeOut(message: string, now: number): void;
  /** Gives up what has been in flight for too long on an open channel. */
  protected abstract expireOpen(now: number): void;
  /** Records what is in flight at the end. */
  protected abstract leaveInFlight(now: number): void;
  /** Whether something in flight waits for the server. */
  protected get isAwaited(): boolean {
    return this.inFlight > 0;
  }

  /** The last bytes for the server. */
  protected abstract farewell(): Buffer | undefined;

  get isConnecting(): boolean {
    return this.#state === 'connecting' || this.#state === 'asked';
  }

  protected get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** When the last message or event came; NaN: none yet. */
  protected get heardAt(): number {
    return this.#heardAt;
  }

  open(): void {
    if (this.#state !== 'closed') return;
    this.#state = 'connecting';
    this.#connectingSince = performance.now();
    this.#opening = new OpeningReader();
    this.#heardAt = Number.NaN;
    const isCurrent = (): boolean => this.#socket === socket;
    const socket = this.context.connect((length) => {
      if (isCurrent()) this.#onBytes(this.context.readBuffer.subarray(0, length));
    });
    this.#socket = socket;
    socket.once(this.context.readyEvent, () => {
      if (isCurrent()) this.#ask(socket);
    });
    const ended = (): void => {
      if (isCurrent()) this.#ended();
    };
    socket.once('end', ended);
    socket.once('close', ended);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!isCurrent()) return;
      if (this.isOpen) this.onBroken(error.code ?? error.message);
      else this.refuse(failureOf(error, this.#state === 'asked'));
    });
  }

  /** @param code of the error */
  protected onBroken(code: string): void {
    this.lose({ kind: 'cut-off', message: `was cut off: the connection broke (${code})` });
  }

  expire(now: number): void {
    const { connect, response } = this.context.timeouts;
    if (this.#state === 'connecting' && now - this.#connectingSince > connect)
      this.#expireOpening(`was not connected within ${connect} ms`, now);
    else if (this.#state === 'asked' && now - this.#askedAt > response)
      this.#expireOpening(`was not opened within ${response} ms: the server did not answer`, now);
    else if (this.isOpen) this.expireOpen(now);
  }

  finish(now: number): void {
    if (this.isOpen && !Number.isNaN(this.#heardAt)) this.context.channels.silent(this.#heardAt, now);
    this.leaveInFlight(now);
    if (this.isOpen) this.#leave();
    else this.#drop();
  }

  protected write(bytes: Buffer): void {
    this.#socket?.write(bytes);
  }

  /** Bytes that the server does not take. */
  protected get unsent(): number {
    return this.#socket?.writableLength ?? 0;
  }

  /** A message or an event came. */
  protected heard(now: number): void {
    this.context.channels.received(this.#heardAt, now);
    this.#heardAt = now;
  }

  /** The stream came to its end. The next one begins on a new connection. */
  protected conclude(now: number): void {
    this.context.channels.ended();
    this.#failuresInRow = 0;
    this.#drop();
    this.context.onFree(this, now);
  }

  /** It is lost, with all that is in flight. @param code of a WebSocket's close */
  protected lose(refusal: Refusal, evidence?: Evidence, code?: number): void {
    const { channels, recorder } = this.context;
    const { kind, message } = refusal;
    const now = performance.now();
    const excuse = kind === 'cut-off' ? recorder.attention.excuse(message, now, now) : undefined;
    if (excuse === undefined) channels.lost(code);
    else channels.left();
    if (!this.isAwaited) recorder.aside(excuse === undefined ? kind : 'machine', excuse ?? message, evidence);
    this.#rest(refusal, evidence);
  }

  /** It was not opened. */
  protected refuse(refusal: Refusal, evidence?: Evidence): void {
    const { recorder, channels } = this.context;
    // A server may yet come up that answers wrongly now, but it will not learn the protocol.
    recorder.refused(isRefusal(refusal.kind) ? refusal.kind : 'connect');
    if (!this.isAwaited) {
      channels.refused();
      recorder.aside(refusal.kind, refusal.message, evidence);
    }
    this.#rest(refusal, evidence);
  }

  #ask(socket: Socket): void {
    this.#state = 'asked';
    this.#askedAt = performance.now();
    socket.write(this.request());
  }

  #onBytes(bytes: Buffer): void {
    const now = performance.now();
    if (this.#opening === undefined) this.read(bytes, now);
    else this.#onOpening(this.#opening, bytes, now);
  }

  #onOpening(reader: OpeningReader, bytes: Buffer, now: number): void {
    const opening = reader.push(bytes);
    if (opening.type === 'incomplete') return;
    if (opening.type === 'malformed') {
      const message = `was answered with something other than an HTTP/1.1 response: ${opening.error}`;
      this.refuse({ kind: 'protocol', message }, { bytes: opening.bytes });
      return;
    }
    const { head } = opening;
    const refusal = this.accept(head);
    const rest = head.body.buffer;
    if (refusal !== undefined) {
      this.refuse(refusal, { head: head.headText, bytes: rest });
      return;
    }
    this.#opening = undefined;
    this.#state = 'open';
    this.#failuresInRow = 0;
    this.context.recorder.connected(now);
    this.context.channels.opened(this.#connectingSince, now);
    this.onOpen(head, now);
    if (rest.length > 0 && this.isOpen) this.read(rest, now);
  }

  #ended(): void {
    if (this.isOpen) this.onEnd();
    else
      this.refuse({
        kind: this.#state === 'asked' ? 'cut-off' : 'connect',
        message: 'was not opened: the server closed the connection instead of answering',
      });
  }

  #expireOpening(message: string, now: number): void {
    const { recorder, channels } = this.context;
    recorder.refused('connect');
    if (!this.isAwaited) {
      channels.refused();
      recorder.aside('timeout', message);
    } else this.timeOut(message, now);
    this.#goOn(now);
  }

  #rest(refusal: Refusal, evidence: Evidence | undefined): void {
    if (this.isAwaited) this.fail(refusal, evidence);
    this.#goOn(performance.now());
  }

  /** Reconnects at once after a single failure, and later and later after several in a row. */
  #goOn(now: number): void {
    this.notBefore = now + backoff(this.#failuresInRow);
    this.#failuresInRow += 1;
    this.#drop();
    this.context.onFree(this, now);
  }

  /** Of a channel whose messages had no answer: what comes later could be the answer to any of them. */
  protected abandon(now: number): void {
    this.context.channels.left();
    this.#leave();
    this.#goOn(now);
  }

  /** Closes it on our side; the server's answer is not waited for. */
  #leave(): void {
    const socket = this.#socket;
    const last = this.farewell();
    this.#forget();
    if (socket === undefined) return;
    if (last !== undefined) socket.write(last);
    socket.end();
    socket.unref();
    setTimeout(() => socket.destroy(), CLOSES_WITHIN).unref?.();
  }

  #forget(): void {
    this.#socket = undefined;
    this.#state = 'closed';
    this.#opening = undefined;
  }

  #drop(): void {
    const socket = this.#socket;
    this.#forget();
    socket?.destroy();
  }
}
