import { type Ms, ms } from './units.ts';

/** The source of a clock's time and alarms: the machine, or a test. */
export interface TimeSource {
  /** Milliseconds since any fixed moment; never goes backwards. */
  readonly now: () => number;
  /**
   * Calls back once, after `span` milliseconds.
   *
   * @param keepsAlive whether the program stays alive for it
   * @returns cancels the alarm
   */
  readonly alarm: (callback: () => void, span: number, keepsAlive: boolean) => () => void;
}

const MACHINE: TimeSource = {
  now: () => performance.now(),
  alarm: (callback, span, keepsAlive) => {
    const timer = setTimeout(callback, span);
    if (!keepsAlive) timer.unref();
    return () => clearTimeout(timer);
  },
};

interface Timer {
  /** On this clock. */
  readonly due: number;
  readonly callback: () => void;
  readonly keepsAlive: boolean;
  takeBack: () => void;
}

/**
 * A clock that can be stopped. It measures and limits everything about a component, and stops while the process and its
 * components do (Ctrl-Z): no time passes on it, and no timer fires; afterwards each timer has as much time left as
 * before.
 */
export class Clock {
  readonly #source: TimeSource;
  readonly #timers = new Set<Timer>();
  /** For how long it was stopped in total. */
  #stood = 0;
  #stoppedAt: number | undefined;

  constructor(source: TimeSource = MACHINE) {
    this.#source = source;
  }

  /** Milliseconds since any fixed moment, without the time for which it was stopped. */
  now(): number {
    return (this.#stoppedAt ?? this.#source.now()) - this.#stood;
  }

  /** Converts a moment of the source, such as `performance.now()`, if the clock has not been stopped since. */
  at(moment: number): number {
    return moment - this.#stood;
  }

  /**
   * Calls back once, when `span` milliseconds have passed on this clock.
   *
   * @param keepsAlive whether the program stays alive for it
   * @returns cancels the timer; has no effect once it has fired
   */
  after(span: number, callback: () => void, keepsAlive = true): () => void {
    const timer: Timer = { due: this.now() + span, callback, keepsAlive, takeBack: () => {} };
    this.#timers.add(timer);
    if (this.#stoppedAt === undefined) this.#wind(timer);
    return () => {
      this.#timers.delete(timer);
      timer.takeBack();
    };
  }

  #wind(timer: Timer): void {
    timer.takeBack = this.#source.alarm(
      () => {
        this.#timers.delete(timer);
        timer.callback();
      },
      Math.max(0, timer.due - this.now()),
      timer.keepsAlive,
    );
  }

  /** A signal that aborts after `span` milliseconds. It does not keep the program alive. */
  timeout(span: number): AbortSignal {
    const end = new AbortController();
    this.after(span, () => end.abort(), false);
    return end.signal;
  }

  /** Stops the clock, if it is running. */
  suspend(): void {
    if (this.#stoppedAt !== undefined) return;
    this.#stoppedAt = this.#source.now();
    for (const timer of this.#timers) timer.takeBack();
  }

  /** Restarts the clock, if it is stopped. Returns for how long it was. */
  resume(): Ms {
    if (this.#stoppedAt === undefined) return ms(0);
    const stood = this.#source.now() - this.#stoppedAt;
    this.#stoppedAt = undefined;
    this.#stood += stood;
    for (const timer of this.#timers) this.#wind(timer);
    return ms(stood);
  }
}
