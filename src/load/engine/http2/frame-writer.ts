/** Writes frames: all of a turn at once, and one write at a time. */
import type { Socket } from 'node:net';

/** So many answers may be written that the server has not read: as many as Go and Netty let lie. */
const MOST_OWED = 10_000;

/**
 * What waits while a write is under way waits here and not in the socket: there each of them would become an error of
 * its own, with its stack, when the socket is destroyed, which takes seconds where a server has not read for long.
 */
export class FrameWriter {
  readonly #socket: Socket;
  readonly #onGone: () => void;
  #waiting: Buffer[] = [];
  /** How many frames of control are in `#waiting`, and in the write that is under way. */
  #waitingControl = 0;
  #writingControl = 0;
  #isScheduled = false;
  #isWriting = false;
  #isOver = false;

  /** @param onGone told when the server does not take anything any more */
  constructor(socket: Socket, onGone: () => void) {
    this.#socket = socket;
    this.#onGone = onGone;
  }

  /** Whether the server does not read what it is answered: more and more frames of control wait to be let through. */
  get isUnread(): boolean {
    return this.#waitingControl + this.#writingControl > MOST_OWED;
  }

  /** Writes part of a request when this turn of the loop is over. */
  write(bytes: Buffer): void {
    if (this.#isOver) return;
    this.#waiting.push(bytes);
    if (this.#isScheduled || this.#isWriting) return;
    this.#isScheduled = true;
    process.nextTick(this.#flush);
  }

  /** Writes a frame of control, such as the answer to a PING, when this turn of the loop is over. */
  control(bytes: Buffer): void {
    this.#waitingControl += 1;
    this.write(bytes);
  }

  /**
   * Writes no more but this, and ends the socket. What the server has not let through by now is forgotten.
   *
   * @param last a whole frame
   */
  end(last: Buffer): void {
    if (!this.#isWriting) this.#flush();
    this.#isOver = true;
    this.#waiting = [];
    this.#socket.end(last);
  }

  readonly #flush = (): void => {
    this.#isScheduled = false;
    const parts = this.#waiting;
    const last = parts.pop();
    if (last === undefined || this.#isOver) return;
    this.#waiting = [];
    this.#writingControl = this.#waitingControl;
    this.#waitingControl = 0;
    this.#isWriting = true;
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.write(last, this.#onWritten);
    this.#socket.uncork();
  };

  readonly #onWritten = (error?: Error | null): void => {
    this.#writingControl = 0;
    this.#isWriting = false;
    if (error === undefined || error === null) {
      this.#flush();
    } else if (!this.#isOver) {
      this.#isOver = true;
      this.#waiting = [];
      this.#onGone();
    }
  };
}
