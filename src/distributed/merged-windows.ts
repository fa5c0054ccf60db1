/** The windows of a load that many machines send, each once all of them have told it. */
import type { LoadPlan, LoadWindow } from '../core/load.ts';
import { type LoadReport, mergeReports, windowsOf } from '../load/index.ts';

export class MergedWindows {
  readonly #plan: LoadPlan;
  #toldUntil = 0;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
  }

  /**
   * @param telling the latest of each agent that is sending
   * @param others the last of those that have ended, or are not heard any more
   * @returns the windows that have ended in all that are sending, and were not returned before
   */
  ended(telling: readonly LoadReport[], others: readonly LoadReport[]): LoadWindow[] {
    if (telling.length === 0) return [];
    const until = Math.min(...telling.map(({ windows }) => lastEnd(windows, this.#plan)));
    if (until <= this.#toldUntil) return [];
    const { windows } = mergeReports([...telling, ...others]);
    const fresh = windowsOf(windows, this.#plan).filter(
      ({ atMs, durationMs }) => atMs >= this.#toldUntil && atMs + durationMs <= until,
    );
    const last = fresh.at(-1);
    if (last !== undefined) this.#toldUntil = last.atMs + last.durationMs;
    return fresh;
  }

  /** @returns those of the whole load, known in its end, that nobody was told of while it went on */
  left(whole: readonly LoadWindow[]): LoadWindow[] {
    return whole.filter(({ atMs }) => atMs >= this.#toldUntil);
  }
}

function lastEnd(windows: LoadReport['windows'], plan: LoadPlan): number {
  const last = windowsOf(windows, plan).at(-1);
  return last === undefined ? 0 : last.atMs + last.durationMs;
}
