/** What a load shows while it goes on. */
import type { WriteStream } from 'node:tty';
import type { LoadPlan, LoadWindow } from '../core/load.ts';
import { loadFrame, progressLine } from '../load/report/index.ts';
import type { Paint } from '../text/paint.ts';
import { Screen } from './screen.ts';
import { wantsLive } from './terminal-report.ts';

const REDRAW_EVERY = 200;
/** Without a terminal, one line is printed for this many windows. */
const WINDOWS_A_LINE = 5;

/** Shows a run while it goes on. */
export class LiveView {
  readonly #stream: NodeJS.WriteStream;
  readonly #plan: LoadPlan;
  readonly #paint: Paint;
  readonly #screen: Screen | undefined;
  readonly #startedAt = performance.now();
  readonly #windows: LoadWindow[] = [];
  #remark: string | undefined;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(stream: NodeJS.WriteStream, plan: LoadPlan, paint: Paint) {
    this.#stream = stream;
    this.#plan = plan;
    this.#paint = paint;
    if (!wantsLive(stream, process.env)) return;
    this.#screen = new Screen(stream as WriteStream);
    this.#timer = setInterval(() => this.#draw(), REDRAW_EVERY).unref();
    this.#draw();
  }

  #draw(): void {
    const elapsed = performance.now() - this.#startedAt;
    const frame = loadFrame(this.#plan, this.#windows, elapsed, this.#paint);
    const remark = this.#remark === undefined ? [] : [`  ${this.#paint.warn(this.#remark)}`];
    this.#screen?.update([], [...frame, ...remark]);
  }

  add(window: LoadWindow): void {
    this.#windows.push(window);
    if (this.#screen !== undefined) this.#draw();
    else if (this.#windows.length % WINDOWS_A_LINE === 0)
      this.#stream.write(`${progressLine(this.#windows, this.#plan, this.#paint)}${this.#aside}\n`);
  }

  get #aside(): string {
    return this.#remark === undefined ? '' : `; ${this.#paint.warn(this.#remark)}`;
  }

  /** Shows something beside what is measured, until it is taken back. */
  remark(text: string | undefined): void {
    const isNew = text !== undefined && text !== this.#remark;
    this.#remark = text;
    if (this.#screen !== undefined) this.#draw();
    else if (isNew) this.#stream.write(`  ${this.#paint.warn(text)}\n`);
  }

  /** Gives the terminal to someone else for a while. */
  leave(): void {
    this.#screen?.leave();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#screen?.close();
  }
}
