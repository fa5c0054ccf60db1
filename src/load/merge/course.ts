/** The windows of a part as they come: those of a long load are joined on the way, so that they never take much memory. */
import { MOST_WINDOWS, mergeWindows, type Windows, type WindowText } from './windows.ts';

/** How many of the latest are kept as they came. */
const LATEST = 60;

export class Course {
  #joined: Windows = { width: 1, list: [] };
  #fresh: WindowText[] = [];
  readonly #latest: WindowText[] = [];

  add(window: WindowText): void {
    this.#fresh.push(window);
    this.#latest.push(window);
    if (this.#latest.length > LATEST) this.#latest.shift();
    if (this.#fresh.length < MOST_WINDOWS) return;
    this.#joined = this.whole;
    this.#fresh = [];
  }

  /** All of it, in as many windows as can be sent. */
  get whole(): Windows {
    return mergeWindows([this.#joined, { width: 1, list: this.#fresh }]);
  }

  /** The latest windows, each of a second. @param count at most 60 */
  latest(count: number): Windows {
    return { width: 1, list: count === 0 ? [] : this.#latest.slice(-count) };
  }
}
