/** A WebSocket that is only kept open. What is counted is the connection, until it is open. */
import type { Evidence, Pending } from '../measure/recorder.ts';
import type { Refusal } from './channel.ts';
import type { OpeningHead } from './head.ts';
import { WebSocketChannel } from './websocket.ts';

export class IdleSocket extends WebSocketChannel {
  #pending: (Pending & { sent: number; wire: Buffer | string }) | undefined;

  get inFlight(): number {
    return this.#pending === undefined ? 0 : 1;
  }

  get capacity(): number {
    return this.isOpen ? 0 : 1;
  }

  send(due: number): void {
    const isChecked = this.context.recorder.nextIsChecked();
    this.#pending = { index: 0, due, sent: Number.NaN, isChecked, wire: '' };
    this.open();
  }

  protected override request(): Buffer {
    const bytes = super.request();
    if (this.#pending !== undefined) {
      this.#pending.sent = performance.now();
      this.#pending.wire = bytes;
      this.context.recorder.wrote(this.#pending, bytes.length);
    }
    return bytes;
  }

  protected override onOpen(head: OpeningHead, now: number): void {
    super.onOpen(head, now);
    const pending = this.#take();
    if (pending !== undefined) this.context.recorder.responded(pending, head, now);
    this.context.onFree(this, now);
  }

  protected onMessage(_: Buffer, now: number): void {
    this.context.channels.unasked(now);
  }

  protected fail({ kind, message }: Refusal, evidence?: Evidence): void {
    const pending = this.#take();
    if (pending !== undefined) this.context.recorder.failed(pending, kind, message, evidence);
  }

  protected timeOut(message: string, now: number): void {
    const pending = this.#take();
    if (pending !== undefined) this.context.recorder.timedOut(pending, message, now);
  }

  protected expireOpen(): void {}

  protected leaveInFlight(now: number): void {
    const pending = this.#take();
    if (pending !== undefined) this.context.recorder.inFlightAtEnd(pending, now);
  }

  #take(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    return pending;
  }
}
