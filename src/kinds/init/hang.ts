/** When a process that loads a module counts as hanging. */
import type { Clock } from '../../core/clock.ts';
import type { InitReport } from './protocol.ts';

const LOOK_EVERY = 100;
/** A process that is done but does not exit gets this share of the time limit. */
const LINGER_SHARE = 1 / 3;
/** How often its CPU time is measured, which the kernel counts in hundredths of a second. */
const MEASURE_EVERY = 500;
/** A process that uses less of a core than this is only waiting. */
const LEAST_WORK = 0.02;
/** However busy the machine is, so many times the limit is enough. */
const AT_MOST = 4;

/**
 * A process that waits for a lock uses no CPU, and an endless loop all that it can get. One that is still loading on a busy machine
 * does neither: it works, and has got less than the limit of CPU time since it began, so it is not at fault.
 */
class Starvation {
  readonly #limit: number;
  readonly #cpuMs: () => number;
  #measured = { at: Number.NEGATIVE_INFINITY, cpuMs: 0 };
  #isWorking = false;

  constructor(limit: number, cpuMs: () => number) {
    this.#limit = limit;
    this.#cpuMs = cpuMs;
  }

  isSeen(at: number, elapsed: number): boolean {
    const span = at - this.#measured.at;
    if (span >= MEASURE_EVERY) {
      const cpuMs = this.#cpuMs();
      this.#isWorking = Number.isFinite(span) && cpuMs - this.#measured.cpuMs >= span * LEAST_WORK;
      this.#measured = { at, cpuMs };
    }
    return this.#isWorking && this.#measured.cpuMs < this.#limit && elapsed < this.#limit * AT_MOST;
  }
}

/**
 * @param read what it has reported so far
 * @param limit in milliseconds, from now
 * @param cpuMs CPU time that it has used so far; 0 where that is not known
 * @returns resolves with the milliseconds waited once the process counts as hanging
 */
export async function untilHung(
  read: () => InitReport,
  limit: number,
  clock: Clock,
  cpuMs: () => number,
  over: AbortSignal,
): Promise<number> {
  const startedAt = clock.now();
  const starvation = new Starvation(limit, cpuMs);
  let doneAt: number | undefined;
  return new Promise((resolve) => {
    const look = (): void => {
      if (over.aborted) return;
      const now = clock.now();
      const isStarved = starvation.isSeen(now, now - startedAt);
      if (read().doing === null) doneAt ??= now;
      if (now - startedAt >= limit && !isStarved) resolve(now - startedAt);
      else if (doneAt !== undefined && now - doneAt >= limit * LINGER_SHARE) resolve(now - doneAt);
      else clock.after(LOOK_EVERY, look);
    };
    look();
  });
}
