/** Writes all frames of a turn at once, with one write in progress at a time. */
import type { Socket } from 'node:net';

/** How many control frames may be unread by the server: the same limit as in Go and Netty. */
const MOST_OWED = 10_000;

/**
 * Frames wait here, not in the socket, while a write is in progress. In the socket each would become an error with a
 * stack trace when it is destroyed, which takes seconds if the server has not read for long.
 */
export class FrameWriter {
  readonly #socket: Socket;
  readonly #onGone: () => void;
  #waiting: Buffer[] = [];
  /** How many control frames are in `#waiting`, and in the write in progress. */
  #waitingControl = 0;
  #writingControl = 0;
  #isScheduled = false;
  #isWriting = false;
  #isOver = false;

  /** @param onGone called when the server accepts no more data */
  constructor(socket: Socket, onGone: () => void) {
    this.#socket = socket;
    this.#onGone = onGone;
  }

  /** Whether the server does not read: too many control frames are waiting. */
  get isUnread(): boolean {
    return this.#waitingControl + this.#writingControl > MOST_OWED;
  }

  /** Writes part of a request at the end of this turn. */
  write(bytes: Buffer): void {
    if (this.#isOver) return;
    this.#waiting.push(bytes);
    if (this.#isScheduled || this.#isWriting) return;
    this.#isScheduled = true;
    process.nextTick(this.#flush);
  }

  /** Writes a control frame, such as the reply to a PING, at the end of this turn. */
  control(bytes: Buffer): void {
    this.#waitingControl += 1;
    this.write(bytes);
  }

  /**
   * Writes one last frame and ends the socket, discarding frames that still wait.
   *
   * @param last a complete frame
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
