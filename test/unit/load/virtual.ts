/**
 * A machine without chance: the engine runs whole on a virtual clock, with a network on which a written request is
 * at the server, and an answer at the client, the moment that it is sent. What is measured can then be held against
 * arithmetic, and an hour takes a second.
 */
import { EventEmitter } from 'node:events';
import { vi } from 'vitest';
import type { LoadPlan } from '../../../src/domain/load.ts';

/** Milliseconds that one turn of the event loop takes. */
const TURN = 0.01;

interface Task {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** What is to come, the earliest first. A binary heap: an hour has millions. */
class Agenda {
  readonly #heap: Task[] = [];

  push(task: Task): void {
    let at = this.#heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent] as Task;
      if (!isBefore(task, above)) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = task;
  }

  get next(): Task | undefined {
    return this.#heap[0];
  }

  pop(): Task | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || this.#heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#heap.length) break;
      const right = this.#heap[child + 1];
      if (right !== undefined && isBefore(right, this.#heap[child] as Task)) child += 1;
      const below = this.#heap[child] as Task;
      if (!isBefore(below, last)) break;
      this.#heap[at] = below;
      at = child;
    }
    this.#heap[at] = last;
    return first;
  }
}

const isBefore = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

export class VirtualMachine {
  now = 0;
  #order = 0;
  readonly #agenda = new Agenda();
  readonly #cancelled = new Set<number>();
  /** How late a timer is, in milliseconds; those of Node are good to about one. */
  readonly #lateness: () => number;

  constructor(lateness: () => number = () => 0) {
    this.#lateness = lateness;
  }

  at(time: number, run: () => void): number {
    this.#order += 1;
    this.#agenda.push({ at: Math.max(time, this.now), order: this.#order, run });
    return this.#order;
  }

  install(): void {
    vi.spyOn(performance, 'now').mockImplementation(() => this.now);
    vi.stubGlobal('setTimeout', (run: () => void, wait = 1) =>
      this.at(this.now + Math.max(1, wait) + this.#lateness(), run),
    );
    vi.stubGlobal('setImmediate', (run: () => void) => this.at(this.now + TURN, run));
    vi.stubGlobal('setInterval', (run: () => void, every: number) => {
      let handle = 0;
      const again = (): void => {
        if (this.#cancelled.has(handle)) return;
        this.at(this.now + every, again);
        run();
      };
      handle = this.at(this.now + every, again);
      return handle;
    });
    vi.stubGlobal('clearInterval', (handle: number | undefined) => {
      if (handle !== undefined) this.#cancelled.add(handle);
    });
  }

  /** Whether nothing is to come. */
  get isIdle(): boolean {
    return this.#agenda.next === undefined;
  }

  /** Lets time go on for so long. */
  runUntil(time: number): void {
    while ((this.#agenda.next?.at ?? Number.POSITIVE_INFINITY) <= time) {
      const task = this.#agenda.pop() as Task;
      this.now = task.at;
      task.run();
    }
    this.now = time;
  }

  /** Lets time go on until there is a result. */
  async until<T>(result: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = result.finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    while (!isSettled) {
      // What waits for a promise runs before time goes on.
      for (let i = 0; i < 4; i += 1) await undefined;
      for (let i = 0; i < 64 && !isSettled; i += 1) {
        const task = this.#agenda.pop();
        if (task === undefined) break;
        this.now = task.at;
        task.run();
      }
    }
    return settled;
  }
}

/**
 * Of the server: how long it takes to answer the nth request, from 0, which came at `now`; undefined: for ever;
 * `reset`: it breaks the connection instead.
 */
export type Takes = (index: number, now: number) => number | 'reset' | undefined;

const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');

class VirtualSocket extends EventEmitter {
  readonly #onWrite: (answer: () => void, reset: () => void) => void;
  readonly #onAnswer: () => void;
  #isGone = false;

  constructor(
    machine: VirtualMachine,
    onWrite: (answer: () => void, reset: () => void) => void,
    onAnswer: () => void,
  ) {
    super();
    this.#onWrite = onWrite;
    this.#onAnswer = onAnswer;
    machine.at(machine.now, () => this.emit('connect'));
  }

  write(): void {
    this.#onWrite(
      () => {
        if (!this.#isGone) this.#onAnswer();
      },
      () => {
        if (!this.#isGone) this.emit('error', Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
      },
    );
  }

  destroy(): void {
    this.#isGone = true;
  }
}

/**
 * A server that answers one request of a connection after the other.
 *
 * @param seen gets the time of each request, `opened` that of each connection
 */
export function connectTo(machine: VirtualMachine, takes: Takes, seen: number[], opened: number[] = []) {
  let count = 0;
  return (_plan: LoadPlan, buffer: Buffer) =>
    (onBytes: (length: number) => void): VirtualSocket => {
      let freeAt = 0;
      opened.push(machine.now);
      return new VirtualSocket(
        machine,
        (answer, reset) => {
          seen.push(machine.now);
          const took = takes(count, machine.now);
          count += 1;
          if (took === undefined) return;
          if (took === 'reset') {
            machine.at(machine.now, reset);
            return;
          }
          freeAt = Math.max(freeAt, machine.now) + took;
          machine.at(freeAt, answer);
        },
        () => {
          ANSWER.copy(buffer);
          onBytes(ANSWER.length);
        },
      );
    };
}
