/** A WebSocket that sends messages and waits for their answers. */
import type { Evidence, Pending } from '../measure/recorder.ts';
import type { ResponseView, Slice } from '../response.ts';
import type { Refusal } from './channel.ts';
import type { OpeningHead } from './head.ts';
import type { NextMessage } from './messages.ts';
import { WebSocketChannel, type WebSocketContext } from './websocket.ts';

export interface TalkingContext extends WebSocketContext {
  readonly next: NextMessage;
  /** How many messages may wait for their answers on a connection. */
  readonly unanswered: number;
}

interface Sent extends Pending {
  /** What is in its answer and in no other; undefined: answers come in order. */
  readonly holds: ((answer: Buffer) => boolean) | undefined;
  /** The longer what it looks for, the less likely it is found by chance: `1` is in `10` too. */
  readonly weight: number;
}

/** A message as a response without a head. */
class MessageView implements ResponseView {
  readonly status = 0;
  readonly headText = '';
  readonly body: Slice;

  constructor(data: Buffer) {
    this.body = { buffer: data, start: 0, end: data.length };
  }

  get bodyLength(): number {
    return this.body.end;
  }

  header(): undefined {
    return undefined;
  }

  all(): readonly string[] {
    return [];
  }
}

export class TalkingSocket extends WebSocketChannel<TalkingContext> {
  /** In the order in which they were sent. */
  #sent: Sent[] = [];

  get inFlight(): number {
    return this.#sent.length;
  }

  /** It is opened ahead of its first message. */
  get capacity(): number {
    return this.isOpen ? this.context.unanswered : 0;
  }

  openAhead(now: number): void {
    if (now >= this.notBefore) this.open();
  }

  send(due: number): void {
    const { next, recorder } = this.context;
    const { frame, text, holds, weight } = next();
    const isChecked = recorder.nextIsChecked();
    this.#sent.push({ index: 0, due, sent: performance.now(), isChecked, wire: text, holds, weight });
    recorder.wrote({ index: 0, due }, frame.length);
    this.write(frame);
  }

  protected override onOpen(head: OpeningHead, now: number): void {
    super.onOpen(head, now);
    this.context.onFree(this, now);
  }

  protected onMessage(data: Buffer, now: number): void {
    const answered = this.#answeredBy(data);
    if (answered === undefined) {
      this.context.channels.unasked(now);
      return;
    }
    this.context.recorder.responded(answered, new MessageView(data), now);
    this.context.onFree(this, now);
  }

  #answeredBy(data: Buffer): Sent | undefined {
    const [first] = this.#sent;
    if (first?.holds === undefined) return this.#sent.shift();
    let best: Sent | undefined;
    for (const each of this.#sent)
      if (each.weight > (best?.weight ?? -1) && each.holds?.(data) === true) best = each;
    if (best === first) this.#sent.shift();
    else if (best !== undefined) this.#sent.splice(this.#sent.indexOf(best), 1);
    return best;
  }

  protected fail({ kind, message }: Refusal, evidence?: Evidence): void {
    const [first, ...others] = this.#take();
    if (first !== undefined) this.context.recorder.failed(first, kind, message, evidence);
    // Only one of them can be to blame for what the server did.
    const also = kind === 'protocol' ? 'cut-off' : kind;
    for (const each of others) this.context.recorder.failed(each, also, message);
  }

  protected timeOut(message: string, now: number): void {
    for (const each of this.#take()) this.context.recorder.timedOut(each, message, now);
  }

  protected expireOpen(now: number): void {
    const { response } = this.context.timeouts;
    const isLate = (each: Sent | undefined): each is Sent => each !== undefined && now - each.sent > response;
    const [first] = this.#sent;
    if (!isLate(first)) return;
    const message = `had no answer within ${response} ms`;
    if (first.holds === undefined) {
      this.timeOut(message, now);
      this.abandon(now);
      return;
    }
    while (isLate(this.#sent[0])) this.context.recorder.timedOut(this.#sent.shift() as Sent, message, now);
    this.context.onFree(this, now);
  }

  protected leaveInFlight(now: number): void {
    for (const each of this.#take()) this.context.recorder.inFlightAtEnd(each, now);
  }

  #take(): Sent[] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }
}
