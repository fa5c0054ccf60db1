/** Sends bytes to a client: in order, and as late and as slowly as faults require. */
import type { Socket } from 'node:net';
import { reset } from './reset.ts';

type Task =
  | { readonly type: 'bytes'; readonly bytes: Buffer }
  /** Nothing is sent before this time of `performance.now()`. */
  | { readonly type: 'until'; readonly at: number }
  | { readonly type: 'rate'; readonly bytesPerSecond: number | null }
  | { readonly type: 'end' }
  | { readonly type: 'reset' };

/** With more bytes than this waiting, no more are read. */
const MOST_WAITING = 256 * 1024;
/** How often a slow line sends something, in milliseconds. */
const TICK = 20;

export class Outlet {
  readonly #socket: Socket;
  /** Called when it can take no more, and when it can again. */
  readonly #onFull: () => void;
  readonly #onRoom: () => void;
  #tasks: Task[] = [];
  #waiting = 0;
  #rate: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isFull = false;
  #isHanging = false;

  constructor(socket: Socket, onFull: () => void, onRoom: () => void) {
    this.#socket = socket;
    this.#onFull = onFull;
    this.#onRoom = onRoom;
    socket.on('drain', () => this.#run());
    socket.once('close', () => {
      clearTimeout(this.#timer);
      this.#tasks = [];
    });
  }

  /** Sends bytes after everything before them. The buffer must not be used again. */
  write(bytes: Buffer): void {
    if (this.#isHanging || this.#socket.destroyed || bytes.length === 0) return;
    if (this.#tasks.length === 0 && this.#rate === null) {
      if (!this.#socket.write(bytes)) this.#lookWhetherFull();
      return;
    }
    this.#waiting += bytes.length;
    this.#add({ type: 'bytes', bytes });
  }

  /** @param at a time of `performance.now()` before which nothing that follows is sent */
  waitUntil(at: number): void {
    this.#add({ type: 'until', at });
  }

  /** @param bytesPerSecond null: as fast as possible */
  limit(bytesPerSecond: number | null): void {
    if (bytesPerSecond !== this.#rate || this.#tasks.length > 0) this.#add({ type: 'rate', bytesPerSecond });
  }

  /** From now on nothing more is sent, not even an end. What is already waiting still is. */
  hang(): void {
    this.#isHanging = true;
  }

  /** Ends the connection after everything that is waiting. */
  end(): void {
    if (!this.#isHanging) this.#add({ type: 'end' });
  }

  /** Resets the connection after everything that is waiting. */
  reset(): void {
    if (!this.#isHanging) this.#add({ type: 'reset' });
  }

  #add(task: Task): void {
    if (this.#socket.destroyed) return;
    this.#tasks.push(task);
    if (this.#tasks.length === 1) this.#run();
    this.#lookWhetherFull();
  }

  #lookWhetherFull(): void {
    const isFull = this.#socket.writableNeedDrain || this.#waiting > MOST_WAITING;
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    if (isFull) this.#onFull();
    else this.#onRoom();
  }

  #run(): void {
    clearTimeout(this.#timer);
    for (let task = this.#tasks[0]; task !== undefined && this.#carryOut(task); task = this.#tasks[0])
      this.#tasks.shift();
    this.#lookWhetherFull();
  }

  /** @returns whether it is done; otherwise it goes on later */
  #carryOut(task: Task): boolean {
    switch (task.type) {
      case 'bytes':
        return this.#pass(task.bytes);
      case 'until': {
        const wait = task.at - performance.now();
        if (wait > 0) this.#later(wait);
        return wait <= 0;
      }
      case 'rate':
        this.#rate = task.bytesPerSecond;
        return true;
      case 'end':
        this.#socket.end();
        return true;
      case 'reset':
        // What was written before must arrive: a reset discards what has not been sent.
        if (this.#socket.writableLength === 0) reset(this.#socket);
        else this.#socket.write('', () => reset(this.#socket));
        return true;
    }
  }

  #pass(bytes: Buffer): boolean {
    if (this.#socket.writableNeedDrain) return false;
    if (this.#rate === null) {
      this.#waiting -= bytes.length;
      this.#socket.write(bytes);
      return true;
    }
    const length = Math.min(bytes.length, Math.max(1, Math.floor((this.#rate * TICK) / 1000)));
    this.#waiting -= length;
    this.#socket.write(bytes.subarray(0, length));
    // Wait for the time that these bytes take after sending them, so that the whole never takes less.
    const rest = bytes.subarray(length);
    const pause: Task = { type: 'until', at: performance.now() + (length / this.#rate) * 1000 };
    this.#tasks.splice(1, 0, pause, ...(rest.length === 0 ? [] : [{ type: 'bytes', bytes: rest } as const]));
    return true;
  }

  #later(wait: number): void {
    this.#timer = setTimeout(() => this.#run(), Math.ceil(wait));
  }
}
