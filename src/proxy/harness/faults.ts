/** Decides which answers faults apply to, and counts them. One for all connections of a proxy. */
import type { FaultType, HttpFault } from '../../core/http-fault.ts';

/** Faults that do not depend on what a connection carries. */
const OF_CONNECTIONS: readonly FaultType[] = ['latency', 'hang', 'reset', 'bandwidth'];

/** A fault, with its index in the list. */
export interface Meant {
  readonly index: number;
  readonly fault: HttpFault;
}

/** Whether a fault happens to the n-th of the answers that it matches, counted from 1. */
function isDue({ every = 1, first = Number.POSITIVE_INFINITY }: HttpFault, n: number): boolean {
  return n <= first && n % every === Math.ceil(every / 2) % every;
}

function isAbout({ match }: HttpFault, method: string, path: string): boolean {
  return (
    (match?.method === undefined || match.method.toUpperCase() === method) &&
    (match?.path === undefined || match.path === path)
  );
}

const NONE: readonly Meant[] = [];

export class Faults {
  readonly #all: readonly Meant[];
  /** How many answers each fault has matched. */
  readonly #counts: number[];
  readonly changedBy: number[];
  /** How many answers any of them changed. */
  changed = 0;

  constructor(faults: readonly HttpFault[]) {
    this.#all = faults
      .map((fault, index) => ({ fault, index }))
      .filter(({ fault }) => fault.type !== 'none' && fault.type !== 'die');
    this.#counts = faults.map(() => 0);
    this.changedBy = faults.map(() => 0);
  }

  /** The faults for the answer to this request. To be called once per answer. */
  forAnswer(method: string, path: string): readonly Meant[] {
    if (this.#all.length === 0) return NONE;
    return this.#all.filter(({ fault, index }) => isAbout(fault, method, path) && this.#isNext(fault, index));
  }

  /** The faults for what comes next on a connection that is not read. */
  forTurn(): readonly Meant[] {
    if (this.#all.length === 0) return NONE;
    return this.#all.filter(
      ({ fault, index }) =>
        OF_CONNECTIONS.includes(fault.type) && fault.match === undefined && this.#isNext(fault, index),
    );
  }

  #isNext(fault: HttpFault, index: number): boolean {
    const count = (this.#counts[index] ?? 0) + 1;
    this.#counts[index] = count;
    return isDue(fault, count);
  }

  /** Notes that these have happened to one answer. */
  happened(meant: readonly Meant[]): void {
    if (meant.length === 0) return;
    this.changed += 1;
    for (const { index } of meant) this.changedBy[index] = (this.changedBy[index] ?? 0) + 1;
  }
}
