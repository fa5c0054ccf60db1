/**
 * The bound of the promise on a machine that has more to do: how long whoever is left has waited for a processor, by the
 * kernel's own account, is not counted.
 */
import { type Id, sameId } from './proc.ts';

/** In ms: whoever waits longer than this in all is not cleaning up any more. */
const LONGEST_WAIT = 60_000;

export class Bound {
  readonly #limit: number;
  readonly #before = new Map<string, number>();
  readonly #waited = new Map<string, number>();

  /** @param limit in ms, on a machine with nothing else to do */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Takes note of who is left.
   *
   * @param waitedMs how long a process has waited for a processor since it was started, in ms
   * @param isFirst whether it is the first look: what they have waited before does not matter
   */
  see(left: readonly Id[], waitedMs: (pid: number) => number, isFirst: boolean): void {
    for (const one of left) {
      const waited = waitedMs(one.pid);
      const id = sameId(one);
      if (isFirst) this.#before.set(id, waited);
      this.#waited.set(id, waited - (this.#before.get(id) ?? 0));
    }
  }

  /** @param elapsedMs since the end of Shakedown */
  isOver(elapsedMs: number): boolean {
    // One after another: whoever cleans up starts programs, and waits for each.
    const waited = [...this.#waited.values()].reduce((sum, each) => sum + each, 0);
    return elapsedMs > this.#limit + Math.min(waited, LONGEST_WAIT);
  }
}
