/** A stream of server-sent events. What is counted is the stream, until its first event. */
import { MALFORMED } from '../../../http1/bytes.ts';
import { ChunkReader } from '../../../http1/chunks.ts';
import type { Evidence, Pending } from '../measure/recorder.ts';
import type { Prepared } from '../request/source.ts';
import type { ResponseView, Slice } from '../response.ts';
import { Channel, type ChannelContext, type Refusal } from './channel.ts';
import { EventStreamReader, LONGEST_EVENT } from './event-stream.ts';
import type { OpeningHead } from './head.ts';

export interface EventSourceContext extends ChannelContext {
  readonly next: () => Prepared<Buffer>;
  /** What the checks say against the head of an answer. */
  readonly complaint: (index: number, head: OpeningHead) => string | undefined;
  /** What the checks say against an event after the first; undefined as well if it is not its turn to be checked. */
  readonly complaintOfEvent: (event: ResponseView) => string | undefined;
}

/** An event as a response: the head is that of its stream. */
class EventView implements ResponseView {
  readonly #head: OpeningHead;
  readonly body: Slice;

  constructor(head: OpeningHead, data: Buffer) {
    this.#head = head;
    this.body = { buffer: data, start: 0, end: data.length };
  }

  get status(): number {
    return this.#head.status;
  }

  get headText(): string {
    return this.#head.headText;
  }

  get bodyLength(): number {
    return this.body.end;
  }

  header(name: string): string | undefined {
    return this.#head.header(name);
  }

  all(name: string): readonly string[] {
    return this.#head.all(name);
  }
}

/** How the end of the stream shows. */
type Framing =
  | { readonly type: 'chunks'; readonly reader: ChunkReader }
  | { readonly type: 'length' | 'close' };

const CONTENT_TYPE = /^text\/event-stream(?:\s*;.*)?$/i;

export class EventSourceChannel extends Channel<EventSourceContext> {
  readonly capacity = 1;
  #isBusy = false;
  /** Until the first event. */
  #pending: (Pending & { index: number; sent: number; wire: Buffer | string }) | undefined;
  #head: OpeningHead | undefined;
  #events: EventStreamReader | undefined;
  #framing: Framing = { type: 'close' };
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0;
  #now = 0;

  get inFlight(): number {
    return this.#isBusy ? 1 : 0;
  }

  protected override get isAwaited(): boolean {
    return this.#pending !== undefined;
  }

  send(due: number): void {
    const isChecked = this.context.recorder.nextIsChecked();
    this.#isBusy = true;
    this.#pending = { index: 0, due, sent: Number.NaN, isChecked, wire: '' };
    this.open();
  }

  protected request(): Buffer {
    const { index, wire } = this.context.next();
    if (this.#pending !== undefined) {
      Object.assign(this.#pending, { index, wire, sent: performance.now() });
      this.context.recorder.wrote(this.#pending, wire.length);
    }
    return wire;
  }

  protected accept(head: OpeningHead): Refusal | undefined {
    const complaint = this.context.complaint(this.#pending?.index ?? 0, head);
    if (complaint !== undefined) return { kind: 'check', message: complaint };
    const type = head.header('content-type');
    const coding = head.header('content-encoding');
    if (type === undefined || !CONTENT_TYPE.test(type.trim()))
      return {
        kind: 'check',
        message: `answered ${type === undefined ? 'without a content-type' : `with the content-type ${type}`}, expected text/event-stream`,
      };
    if (coding === undefined) return undefined;
    return { kind: 'protocol', message: `was answered in the coding ${coding}, which was not asked for` };
  }

  protected onOpen(head: OpeningHead, now: number): void {
    this.#now = now;
    this.#head = head;
    this.#events = new EventStreamReader(({ data }) => this.#onEvent(Buffer.from(data)));
    this.#left = head.isChunked ? 0 : head.length;
    if (head.isChunked) this.#framing = { type: 'chunks', reader: new ChunkReader() };
    else this.#framing = { type: head.length >= 0 ? 'length' : 'close' };
    if (head.length === 0) this.#complete();
  }

  #onEvent(data: Buffer): void {
    const { recorder, channels, complaintOfEvent } = this.context;
    const head = this.#head;
    if (head === undefined) return;
    this.heard(this.#now);
    const event = new EventView(head, data);
    const pending = this.#take();
    if (pending !== undefined) {
      recorder.responded(pending, event, this.#now);
      return;
    }
    const complaint = complaintOfEvent(event);
    if (complaint === undefined) return;
    channels.wrong(this.#now);
    recorder.aside('check', complaint, { bytes: data });
  }

  protected read(bytes: Buffer, now: number): void {
    this.#now = now;
    this.context.recorder.received({ index: 0, due: now }, bytes.length);
    let at = 0;
    while (at < bytes.length && this.isOpen) at = this.#advance(bytes, at);
  }

  /** @returns how far it came */
  #advance(bytes: Buffer, at: number): number {
    const framing = this.#framing;
    if (framing.type === 'close') return this.#takeData(bytes, at, bytes.length);
    if (this.#left === 0 && framing.type === 'chunks') return this.#readFrame(framing.reader, bytes, at);
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    const next = this.#takeData(bytes, at, end);
    if (this.#left === 0 && this.isOpen) {
      if (framing.type === 'chunks') framing.reader.afterData();
      else this.#complete();
    }
    return next;
  }

  #readFrame(chunks: ChunkReader, bytes: Buffer, from: number): number {
    const at = chunks.read(bytes, from, bytes.length);
    if (at === MALFORMED) {
      const message = `was answered with something other than HTTP/1.1: ${chunks.error}`;
      this.lose({ kind: 'protocol', message }, { bytes: bytes.subarray(Math.max(0, chunks.culprit - 40)) });
      return bytes.length;
    }
    if (chunks.isAtData) this.#left = chunks.size;
    else if (chunks.isAtEnd) this.#complete();
    return at;
  }

  #takeData(bytes: Buffer, from: number, to: number): number {
    if (this.#events?.push(bytes.subarray(from, to)) === false)
      this.lose({ kind: 'protocol', message: `was sent an event of more than ${LONGEST_EVENT} bytes` });
    return to;
  }

  /** The stream came to its end. */
  #complete(): void {
    if (this.isAwaited) {
      const message = 'was answered by a stream that ended without an event';
      this.lose({ kind: 'check', message }, { head: this.#head?.headText ?? '' });
      return;
    }
    this.#isBusy = false;
    this.conclude(this.#now);
  }

  protected onEnd(): void {
    this.#now = performance.now();
    if (this.#framing.type === 'close') this.#complete();
    else
      this.lose({ kind: 'cut-off', message: 'was cut off: the server closed the connection in mid-stream' });
  }

  protected override lose(refusal: Refusal, evidence?: Evidence): void {
    if (!this.isAwaited) this.#isBusy = false;
    super.lose(refusal, evidence);
  }

  protected fail({ kind, message }: Refusal, evidence?: Evidence): void {
    const pending = this.#end();
    if (pending !== undefined) this.context.recorder.failed(pending, kind, message, evidence);
  }

  protected timeOut(message: string, now: number): void {
    const pending = this.#end();
    if (pending !== undefined) this.context.recorder.timedOut(pending, message, now);
  }

  protected expireOpen(now: number): void {
    const { response } = this.context.timeouts;
    if (this.#pending === undefined || now - this.#pending.sent <= response) return;
    this.timeOut(`had no event within ${response} ms`, now);
    this.abandon(now);
  }

  protected leaveInFlight(now: number): void {
    const pending = this.#end();
    if (pending !== undefined) this.context.recorder.inFlightAtEnd(pending, now);
  }

  protected farewell(): undefined {
    return undefined;
  }

  #take(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    return pending;
  }

  #end(): Pending | undefined {
    this.#isBusy = false;
    return this.#take();
  }
}
