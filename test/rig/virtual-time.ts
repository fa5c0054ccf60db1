import type { TimeSource } from '../../src/core/clock.ts';

/** Time that passes when a test says so. */
export class VirtualTime implements TimeSource {
  #now = 1000;
  readonly #alarms = new Set<{ at: number; callback: () => void }>();

  readonly now = (): number => this.#now;

  readonly alarm = (callback: () => void, span: number): (() => void) => {
    const alarm = { at: this.#now + span, callback };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  };

  /** How many alarms are set. */
  get alarms(): number {
    return this.#alarms.size;
  }

  /** Lets time pass: whatever comes due is called, each at its moment. */
  pass(span: number): void {
    const end = this.#now + span;
    for (;;) {
      const [next] = [...this.#alarms].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#alarms.delete(next);
      this.#now = next.at;
      next.callback();
    }
    this.#now = end;
  }
}
