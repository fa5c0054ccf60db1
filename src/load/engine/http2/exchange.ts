/** One request of HTTP/2 and what comes of it. */
import type { Evidence, Pending } from '../measure/recorder.ts';
import type { Http2Wire } from '../request/encode.ts';
import type { Prepared } from '../request/source.ts';
import type { ResponseView, Slice } from '../response.ts';
import type { Field } from './hpack.ts';
import type { ResponseHead } from './response-head.ts';

const showFields = (fields: readonly Field[]): string =>
  fields.map(([name, value]) => `${name}: ${value}`).join('\n');

/** Statuses of responses that have no body, though their head may tell its length. */
const WITHOUT_BODY: readonly number[] = [204, 304];

export class Exchange implements Pending, ResponseView {
  readonly index: number;
  readonly due: number;
  /** Since when it waits to be sent, on the clock of `performance.now()`. */
  readonly queued: number;
  readonly isChecked: boolean;
  readonly prepared: Prepared<Http2Wire>;
  sent = Number.NaN;
  /** The first time. */
  firstSent = Number.NaN;
  /** How often it came back unprocessed. */
  refusals = 0;
  /** The session from which it came back last. */
  refusedBy: object | undefined;
  /** How often it came back unprocessed from one that has answered nothing. */
  refusalsInVain = 0;
  /** The number of its stream. */
  stream = 0;
  /** How much of its body is written, and how much more the server lets in. */
  written = 0;
  window = 0;
  /** How much came since the server was told that more may. */
  taken = 0;
  /** How many responses came that announce another one. */
  informational = 0;
  bodyLength = 0;
  #head: ResponseHead | undefined;
  #parts: Buffer[] = [];
  #kept = 0;

  constructor(prepared: Prepared<Http2Wire>, due: number, queued: number, isChecked: boolean) {
    this.prepared = prepared;
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

  /** What has come, where the rest has not. */
  get evidence(): Evidence | undefined {
    return this.hasHead ? { head: this.headText, bytes: this.body.buffer } : undefined;
  }

  /** Whether all of its body is written. */
  get isWritten(): boolean {
    return this.written >= (this.prepared.wire.body?.length ?? 0);
  }

  header(name: string): string | undefined {
    const wanted = name.toLowerCase();
    const values = (this.#head?.fields ?? []).filter(([each]) => each === wanted).map(([, value]) => value);
    return values.length === 0 ? undefined : values.join(', ');
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

  /** @param keep how many bytes of the whole body are kept */
  take(part: Buffer, keep: number): void {
    this.bodyLength += part.length;
    if (this.#kept >= keep) return;
    // The bytes are in a buffer that is read into again.
    const kept = Buffer.from(part.subarray(0, keep - this.#kept));
    this.#parts.push(kept);
    this.#kept += kept.length;
  }

  /** @returns what is wrong with the length of the body, so far or in all */
  lengthError(isEnd: boolean): string | undefined {
    const said = this.#head?.contentLength;
    if (said === undefined || this.prepared.isHead || WITHOUT_BODY.includes(this.status)) return undefined;
    if (this.bodyLength > said || (isEnd && this.bodyLength < said))
      return `a body of ${this.bodyLength} bytes where its head says ${said}`;
    return undefined;
  }

  /** The server has not processed it: it is as it was before it was sent, and goes again. */
  comeBack(session: object): void {
    this.refusals += 1;
    this.refusedBy = session;
    this.sent = Number.NaN;
    this.stream = 0;
    this.written = 0;
    this.informational = 0;
  }
}
