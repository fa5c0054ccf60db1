import type { WriteStream } from 'node:tty';
import { LOOK, type LoadLevel, longestSearch } from '../core/capacity.ts';
import type { LoadFindRate, LoadPlan, LoadWindow } from '../core/load.ts';
import { ms } from '../core/units.ts';
import { type CurrentLevel, levelLine, searchFrame } from '../load/report/index.ts';
import type { Paint } from '../text/paint.ts';
import { Screen } from './screen.ts';
import { wantsLive } from './terminal-report.ts';

const REDRAW_EVERY = 200;

/** Shows a search for the highest rate while it goes on: a line for each rate, and on a terminal the one being sent. */
export class SearchView {
  readonly #stream: NodeJS.WriteStream;
  readonly #paint: Paint;
  /** Milliseconds that a measurement takes, and the search at most. */
  readonly #takesMs: number;
  readonly #longestMs: number;
  readonly #screen: Screen | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #startedAt = performance.now();
  #current: (Omit<CurrentLevel, 'elapsedMs' | 'windows'> & { readonly since: number }) | undefined;
  #windows: LoadWindow[] = [];

  constructor(stream: NodeJS.WriteStream, { limit, warmup }: LoadPlan, range: LoadFindRate, paint: Paint) {
    this.#stream = stream;
    this.#paint = paint;
    const duration = limit.type === 'duration' ? limit.duration : ms(0);
    this.#takesMs = duration + warmup;
    this.#longestMs = longestSearch(range, duration, warmup);
    if (!wantsLive(stream, process.env)) return;
    this.#screen = new Screen(stream as WriteStream);
    this.#timer = setInterval(() => this.#draw([]), REDRAW_EVERY).unref();
    this.#draw([]);
  }

  #draw(lines: readonly string[]): void {
    const now = performance.now();
    const current = this.#current && {
      ...this.#current,
      elapsedMs: now - this.#current.since,
      windows: this.#windows,
    };
    this.#screen?.update(lines, searchFrame(current, now - this.#startedAt, this.#longestMs, this.#paint));
  }

  begin(rate: number, isLook: boolean): void {
    this.#windows = [];
    this.#current = { rate, isLook, since: performance.now(), takesMs: this.#takesMs * (isLook ? LOOK : 1) };
  }

  end(level: LoadLevel): void {
    this.#current = undefined;
    const line = levelLine(level, this.#paint);
    if (this.#screen === undefined) this.#stream.write(`${line}\n`);
    else this.#draw([line]);
  }

  add(window: LoadWindow): void {
    this.#windows.push(window);
  }

  leave(): void {
    this.#screen?.leave();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#screen?.close();
  }
}
