import { type Ms, ms } from './units.ts';

/** Where a clock gets its time and its alarms from: the machine, or a test. */
export interface TimeSource {
  /** Milliseconds since some moment, never going backwards. */
  readonly now: () => number;
  /**
   * Calls back once, after `span` milliseconds.
   *
   * @param keepsAlive whether the program stays alive for it
   * @returns takes the alarm back
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
 * A clock that can be stopped: all that a component is measured by and limited to is counted on one, which stands when
 * the process is stopped (Ctrl-Z), and the components with it. While it stands no time passes for whoever measures by it, and no timer on it comes
 * due; when it goes on, each timer has left what it had left.
 */
export class Clock {
  readonly #source: TimeSource;
  readonly #timers = new Set<Timer>();
  /** How long it has stood in all. */
  #stood = 0;
  #stoppedAt: number | undefined;

  constructor(source: TimeSource = MACHINE) {
    this.#source = source;
  }

  /** Milliseconds since some moment, without those for which it stood. */
  now(): number {
    return (this.#stoppedAt ?? this.#source.now()) - this.#stood;
  }

  /** The reading of this clock at a moment of its source, such as `performance.now()`, since which it has not stood. */
  at(moment: number): number {
    return moment - this.#stood;
  }

  /**
   * Calls back once, when `span` milliseconds have passed on this clock.
   *
   * @param keepsAlive whether the program stays alive for it
   * @returns takes the timer back; without effect once it has come due
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

  /** A signal that aborts when `span` milliseconds have passed. The program does not stay alive for it. */
  timeout(span: number): AbortSignal {
    const end = new AbortController();
    this.after(span, () => end.abort(), false);
    return end.signal;
  }

  /** Stops the clock, if it goes. */
  suspend(): void {
    if (this.#stoppedAt !== undefined) return;
    this.#stoppedAt = this.#source.now();
    for (const timer of this.#timers) timer.takeBack();
  }

  /** Has the clock go on, if it stands. Returns for how long it has stood. */
  resume(): Ms {
    if (this.#stoppedAt === undefined) return ms(0);
    const stood = this.#source.now() - this.#stoppedAt;
    this.#stoppedAt = undefined;
    this.#stood += stood;
    for (const timer of this.#timers) this.#wind(timer);
    return ms(stood);
  }
}
