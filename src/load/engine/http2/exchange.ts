/** An HTTP/2 request and its response. */
import type { Evidence, Pending } from '../measure/recorder.ts';
import type { Http2Wire } from '../request/encode.ts';
import type { Prepared } from '../request/source.ts';
import type { ResponseView, Slice } from '../response.ts';
import type { Sender } from '../sender.ts';
import type { Field } from './hpack.ts';
import type { ResponseHead } from './response-head.ts';

const showFields = (fields: readonly Field[]): string =>
  fields.map(([name, value]) => `${name}: ${value}`).join('\n');

/** Statuses of responses without a body, although their head may announce a length. */
const WITHOUT_BODY: readonly number[] = [204, 304];

export class Exchange implements Pending, ResponseView {
  readonly index: number;
  readonly due: number;
  /** Since when it waits to be sent, by `performance.now()`. */
  readonly queued: number;
  readonly isChecked: boolean;
  readonly prepared: Prepared<Http2Wire>;
  readonly sender: Sender | undefined;
  sent = Number.NaN;
  firstSent = Number.NaN;
  /** How often it came back unprocessed. */
  refusals = 0;
  /** The session that returned it last. */
  refusedBy: object | undefined;
  /** How often it came back unprocessed from a session that answered nothing. */
  refusalsInVain = 0;
  /** Its stream number. */
  stream = 0;
  /** How much of its body is written, and how much more the server admits. */
  written = 0;
  window = 0;
  /** Bytes received since the last window update. */
  taken = 0;
  /** How many informational responses arrived. */
  informational = 0;
  bodyLength = 0;
  #head: ResponseHead | undefined;
  #parts: Buffer[] = [];
  #kept = 0;

  constructor(
    prepared: Prepared<Http2Wire>,
    due: number,
    queued: number,
    isChecked: boolean,
    sender?: Sender,
  ) {
    this.prepared = prepared;
    this.sender = sender;
    this.index = prepared.index;
    this.due = due;
    this.queued = queued;
    this.isChecked = isChecked;
  }

  get wire(): string {
    const { fields, body } = this.prepared.wire;
    return `${showFields(fields)}\n\n${body ?? ''}`;
  }

  get status(): number {
    return this.#head?.status ?? 0;
  }

  get headText(): string {
    return this.#head === undefined ? '' : `:status: ${this.status}\n${showFields(this.#head.fields)}`;
  }

  get body(): Slice {
    const buffer = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
    return { buffer, start: 0, end: buffer.length };
  }

  get hasHead(): boolean {
    return this.#head !== undefined;
  }

  /** The part of an incomplete response. */
  get evidence(): Evidence | undefined {
    return this.hasHead ? { head: this.headText, bytes: this.body.buffer } : undefined;
  }

  /** Whether its whole body is written. */
  get isWritten(): boolean {
    return this.written >= (this.prepared.wire.body?.length ?? 0);
  }

  header(name: string): string | undefined {
    const values = this.all(name.toLowerCase());
    return values.length === 0 ? undefined : values.join(', ');
  }

  all(name: string): readonly string[] {
    return (this.#head?.fields ?? []).filter(([each]) => each === name).map(([, value]) => value);
  }

  sentOn(stream: number, window: number, now: number): void {
    this.stream = stream;
    this.window = window;
    this.sent = now;
    if (Number.isNaN(this.firstSent)) this.firstSent = now;
  }

  answeredBy(head: ResponseHead): void {
    this.#head = head;
  }

  /** @param keep how many bytes of the whole body to keep */
  take(part: Buffer, keep: number): void {
    this.bodyLength += part.length;
    if (this.#kept >= keep) return;
    // Copied, as the buffer is reused.
    const kept = Buffer.from(part.subarray(0, keep - this.#kept));
    this.#parts.push(kept);
    this.#kept += kept.length;
  }

  /** @returns what is wrong with the length of the body so far, or in total */
  lengthError(isEnd: boolean): string | undefined {
    const said = this.#head?.contentLength;
    if (said === undefined || this.prepared.isHead || WITHOUT_BODY.includes(this.status)) return undefined;
    if (this.bodyLength > said || (isEnd && this.bodyLength < said))
      return `a body of ${this.bodyLength} bytes where its head says ${said}`;
    return undefined;
  }

  /** Resets it to be resent, as the server did not process it. */
  comeBack(session: object): void {
    this.refusals += 1;
    this.refusedBy = session;
    this.sent = Number.NaN;
    this.stream = 0;
    this.written = 0;
    this.informational = 0;
  }
}
