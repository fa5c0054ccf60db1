/** A barrier of threads: nobody passes before all have come. */

const FIELDS = 2;

export const gateMemory = (meetings: number): SharedArrayBuffer =>
  new SharedArrayBuffer(meetings * FIELDS * Int32Array.BYTES_PER_ELEMENT);

export class ThreadGate {
  readonly #cells: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Int32Array(memory);
  }

  /** How many have come to a meeting. */
  arrivedAt(meeting: number): number {
    return Atomics.load(this.#cells, meeting * FIELDS);
  }

  /**
   * Blocks the calling thread until all parties have come to this meeting.
   *
   * @param meeting its number, from 0; each is good for once
   */
  meet(meeting: number, parties: number): void {
    const arrived = meeting * FIELDS;
    const open = arrived + 1;
    if (Atomics.add(this.#cells, arrived, 1) + 1 === parties) {
      Atomics.store(this.#cells, open, 1);
      Atomics.notify(this.#cells, open);
    } else {
      Atomics.wait(this.#cells, open, 0);
    }
  }
}
