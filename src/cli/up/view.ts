/** Shows services while they are held: what becomes of them, and what they print, merged line by line. */
import type { WriteStream } from 'node:tty';
import type { Stamped } from '../../core/event.ts';
import { asLine, visible, visibleAll } from '../../core/harmless.ts';
import { isInForeground } from '../../process/system/proc.ts';
import { lasting } from '../../report/lasting.ts';
import { advance, INITIAL_STATE, type RunState } from '../../report/state.ts';
import { linesOf } from '../../report/terminal/lines.ts';
import { createPaint, type Paint } from '../../text/paint.ts';
import type { Program } from '../flags.ts';
import { hasKeyboard, Keyboard } from '../keyboard.ts';
import { Screen } from '../screen.ts';
import { type TerminalReport, wantsColor, wantsLive } from '../terminal-report.ts';
import { heldFrame } from './frame.ts';
import { type Asked, keysOf, type Order, press } from './keys.ts';
import { MergedLogs } from './merged-logs.ts';
import { isWhole } from './whole.ts';

/** In milliseconds. */
const LOOK_EVERY = 50;

/** Whether somebody is there who sees the view and can press keys. */
export const isAttended = ({ stdin, stdout, env }: NodeJS.Process): boolean =>
  wantsLive(stdout, env) && hasKeyboard(stdin);

export class HoldView implements TerminalReport {
  readonly #names: readonly string[];
  readonly #program: Pick<Program, 'cwd' | 'clock'>;
  readonly #paint: Paint;
  readonly #logs: MergedLogs;
  readonly #screen: Screen | undefined;
  readonly #keyboard: Keyboard | undefined;
  readonly #timer: NodeJS.Timeout;
  #state = INITIAL_STATE;
  #base: number;
  #asked: Asked = { type: 'nothing' };
  #isTold = false;

  /**
   * @param names of all that is shown
   * @param onOrder called for what is asked by a key; signals come as such
   */
  constructor(
    names: readonly string[],
    program: Pick<Program, 'cwd' | 'clock'>,
    onOrder: (order: Exclude<Order, { type: 'signal' }>, state: RunState) => void,
  ) {
    const { stdin, stdout, env } = process;
    this.#names = names;
    this.#program = program;
    this.#paint = createPaint(wantsColor(stdout, env));
    this.#logs = new MergedLogs(names, this.#paint);
    this.#screen = wantsLive(stdout, env) ? new Screen(stdout as WriteStream) : undefined;
    this.#base = program.clock.now();
    const onInput = (input: string): void => {
      for (const key of keysOf(input)) {
        const { asked, order } = press(key, this.#asked, names);
        this.#asked = asked;
        if (order?.type === 'signal') {
          process.kill(process.pid, order.signal);
        }
        if (order !== undefined && order.type !== 'signal') onOrder(order, this.#state);
      }
      this.#show([]);
    };
    this.#keyboard = isAttended(process) ? new Keyboard(stdin, onInput) : undefined;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY).unref();
  }

  readonly sink = (stamped: Stamped): void => {
    if (stamped.type === 'shared-started') this.#logs.open(stamped.shared, stamped.logFile);
    // What it printed before comes first.
    const printed = stamped.type === 'output' ? [] : this.#logs.lines();
    if (stamped.type === 'shared-finished') printed.push(...this.#logs.close(stamped.shared));
    const event = visibleAll(this.#withoutShown(lasting(stamped)));
    this.#state = advance(this.#state, event);
    this.#base = this.#program.clock.now() - event.elapsedMs;
    const options = { paint: this.#paint, cwd: visible(this.#program.cwd) };
    const lines = linesOf(event, this.#state, options);
    this.#show([...printed, ...lines.map(asLine), ...this.#whenWhole(event)], event.type === 'run-finished');
  };

  /** Its last words stand above the end of a service, and need not be quoted. */
  #withoutShown(event: Stamped): Stamped {
    if (event.type !== 'shared-finished') return event;
    const findings = event.findings.map((finding) => {
      const { evidence } = finding;
      return evidence === undefined
        ? finding
        : { ...finding, evidence: this.#logs.unshown(event.shared, evidence) };
    });
    return { ...event, findings };
  }

  readonly leave = (): void => {
    this.#screen?.leave();
    this.#keyboard?.leave();
  };

  readonly close = (): void => {
    clearInterval(this.#timer);
    this.#screen?.close();
    this.#keyboard?.close();
  };

  /** On a terminal the frame says so all the time. */
  #whenWhole({ type }: Stamped): string[] {
    const mayBe = type === 'service-ready' || type === 'shared-finished';
    if (this.#isTold || !mayBe || this.#screen !== undefined || !isWhole(this.#state)) return [];
    this.#isTold = true;
    return [this.#paint.dim('  all is up; Ctrl-C ends it')];
  }

  #look(): void {
    this.#keyboard?.take();
    this.#show(this.#logs.lines());
  }

  #show(lines: readonly string[], isLast = false): void {
    if (this.#screen === undefined) {
      if (lines.length > 0) process.stdout.write(lines.map((line) => `${line}\n`).join(''));
      return;
    }
    // A background job must not draw on the terminal.
    this.#screen.update(lines, isLast || !isInForeground() ? [] : this.#frame());
  }

  #frame(): string[] {
    const frame = {
      ...{ names: this.#names, asked: this.#asked, hasKeys: this.#keyboard !== undefined },
      elapsedMs: this.#program.clock.now() - this.#base,
      columns: process.stdout.columns || 80,
    };
    return heldFrame(this.#state, frame, this.#paint);
  }
}
