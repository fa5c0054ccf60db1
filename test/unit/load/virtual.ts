/**
 * A machine without chance: the engine runs whole on a virtual clock, with a network on which a written request is
 * at the server, and an answer at the client, the moment that it is sent. What is measured can then be held against
 * arithmetic, and an hour takes a second.
 */
import { EventEmitter } from 'node:events';
import { vi } from 'vitest';
import type { LoadPlan } from '../../../src/core/load.ts';

/** Milliseconds that one turn of the event loop takes. */
const TURN = 0.01;

/** How many promises may wait for each other before time goes on. */
const PROMISES = 24;
/** In milliseconds. */
const LEAP = 5;

interface Task {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  /** Whether it comes by the network, which a process that was stopped looks at after its timers. */
  readonly isRead?: boolean;
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

/** A time in which the process under test is not given the processor, in milliseconds. */
export interface Pause {
  readonly from: number;
  readonly until: number;
}

export class VirtualMachine {
  now = 0;
  /** The share of its time that the process is said to be at work. */
  readonly #busy: number;
  readonly #pauses: readonly Pause[];
  #order = 0;
  readonly #agenda = new Agenda();
  readonly #cancelled = new Set<number>();
  /** How late a timer is, in milliseconds; those of Node are good to about one. */
  readonly #lateness: () => number;

  constructor(
    lateness: () => number = () => 0,
    { pauses = [], busy = 0 }: { readonly pauses?: readonly Pause[]; readonly busy?: number } = {},
  ) {
    this.#lateness = lateness;
    this.#pauses = pauses;
    this.#busy = busy;
  }

  /** When what is to run at a time does run; undefined: it is awake then. */
  #awake(time: number): number | undefined {
    return this.#pauses.find(({ from, until }) => time >= from && time < until)?.until;
  }

  /** Something comes by the network. */
  arrives(time: number, run: () => void): void {
    this.#order += 1;
    this.#agenda.push({ at: Math.max(time, this.now), order: this.#order, run, isRead: true });
  }

  at(time: number, run: () => void): number {
    this.#order += 1;
    this.#agenda.push({ at: Math.max(time, this.now), order: this.#order, run });
    return this.#order;
  }

  install(): void {
    // No spies: these would remember each of millions of calls.
    vi.stubGlobal('performance', {
      timeOrigin: 0,
      now: () => this.now,
      eventLoopUtilization: (before?: { readonly idle: number; readonly active: number }) => {
        const span = this.now - ((before?.idle ?? 0) + (before?.active ?? 0));
        return { idle: span * (1 - this.#busy), active: span * this.#busy, utilization: this.#busy };
      },
    });
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
    const clear = (handle: number | undefined): void => {
      if (handle !== undefined) this.#cancelled.add(handle);
    };
    vi.stubGlobal('clearTimeout', clear);
    vi.stubGlobal('clearInterval', clear);
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
      for (let i = 0; i < PROMISES; i += 1) await undefined;
      for (let i = 0; i < 64 && !isSettled; i += 1) {
        // Before a leap, too: what would come next may not be on the agenda yet.
        if (i > 0 && (this.#agenda.next?.at ?? 0) > this.now + LEAP) break;
        const task = this.#agenda.pop();
        if (task === undefined) break;
        if (this.#cancelled.has(task.order)) continue;
        const awake = this.#awake(task.at);
        if (awake !== undefined && task.isRead === true) this.arrives(awake + TURN / 2, task.run);
        else {
          this.now = Math.max(this.now, awake ?? task.at);
          task.run();
        }
      }
    }
    return settled;
  }
}

/**
 * Of the server: how long it takes to answer the nth request, from 0, which came at `now` with these bytes; undefined:
 * for ever; `reset`: it breaks the connection instead, or does so after a while.
 */
export type Takes = (
  index: number,
  now: number,
  bytes: Buffer,
) => number | 'reset' | { readonly resetAfter: number } | undefined;

const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');

class VirtualSocket extends EventEmitter {
  readonly #onWrite: (answer: () => void, reset: () => void, bytes: Buffer) => void;
  readonly #onAnswer: () => void;
  #isGone = false;

  constructor(
    machine: VirtualMachine,
    onWrite: (answer: () => void, reset: () => void, bytes: Buffer) => void,
    onAnswer: () => void,
    isRefused: boolean,
    opensIn: number,
  ) {
    super();
    this.#onWrite = onWrite;
    this.#onAnswer = onAnswer;
    const refusal = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    machine.arrives(machine.now + opensIn, () =>
      isRefused ? this.emit('error', refusal) : this.emit('connect'),
    );
  }

  /** The server has closed it. */
  end(): void {
    if (!this.#isGone) this.emit('end');
  }

  write(bytes: Buffer): void {
    this.#onWrite(
      () => {
        if (!this.#isGone) this.#onAnswer();
      },
      () => {
        if (!this.#isGone) this.emit('error', Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
      },
      bytes,
    );
  }

  cork(): void {}

  uncork(): void {}

  destroy(): void {
    this.#isGone = true;
  }
}

const FAILURE = Buffer.from('HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\nno');

export interface ServerOptions {
  /** How many requests it works on at a time; unless it is said each connection has a worker of its own. */
  readonly workers?: number;
  /** Whether the nth request is answered by an error. */
  readonly fails?: (index: number) => boolean;
  /** Whether it takes no connection at a time. */
  readonly refuses?: (now: number) => boolean;
  /** How long it takes to accept a connection, or to refuse it, in milliseconds. */
  readonly opensIn?: number;
  /** After how many milliseconds without a request it closes a connection that it has answered. */
  readonly closesAfter?: number;
}

/**
 * A server that answers requests one after the other: those of a connection, or all of them.
 *
 * @param seen gets the time of each request, `opened` that of each connection
 */
export function connectTo(
  machine: VirtualMachine,
  takes: Takes,
  seen: number[],
  opened: number[] = [],
  { workers, fails = () => false, refuses = () => false, opensIn = 0, closesAfter }: ServerOptions = {},
) {
  let count = 0;
  const shared = workers === undefined ? undefined : Array.from({ length: workers }, () => 0);
  return (_plan: LoadPlan, buffer: Buffer) =>
    (onBytes: (length: number) => void): VirtualSocket => {
      opened.push(machine.now);
      const freeAt = shared ?? [0];
      /** What it is answered by, in the order in which the answers come. */
      const answers: Buffer[] = [];
      let closesAt = Number.POSITIVE_INFINITY;
      const restAt = (time: number): void => {
        if (closesAfter === undefined) return;
        const at = time + closesAfter;
        closesAt = at;
        machine.arrives(at, () => {
          if (closesAt === at) socket.end();
        });
      };
      const socket = new VirtualSocket(
        machine,
        (answer, reset, bytes) => {
          if (machine.now >= closesAt) return;
          closesAt = Number.POSITIVE_INFINITY;
          seen.push(machine.now);
          const index = count;
          const took = takes(index, machine.now, bytes);
          count += 1;
          if (took === undefined) return;
          if (typeof took !== 'number') {
            machine.arrives(machine.now + (took === 'reset' ? 0 : took.resetAfter), reset);
            return;
          }
          const worker = freeAt.indexOf(Math.min(...freeAt));
          const at = Math.max(freeAt[worker] ?? 0, machine.now) + took;
          freeAt[worker] = at;
          answers.push(fails(index) ? FAILURE : ANSWER);
          machine.arrives(at, answer);
          restAt(at);
        },
        () => {
          const answer = answers.shift() ?? ANSWER;
          answer.copy(buffer);
          onBytes(answer.length);
        },
        refuses(machine.now),
        opensIn,
      );
      return socket;
    };
}
