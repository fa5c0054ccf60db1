/** Shows services while they are held: what becomes of them, and what they print, merged line by line. */

import type { Stamped } from '../../core/event.ts';
import { asLine, visible, visibleAll } from '../../core/harmless.ts';
import { lasting } from '../../report/lasting.ts';
import { advance, INITIAL_STATE, type RunState } from '../../report/state.ts';
import { linesOf } from '../../report/terminal/lines.ts';
import { createPaint, type Paint } from '../../text/paint.ts';
import type { Program } from '../flags.ts';
import { type TerminalReport, wantsColor } from '../terminal-report.ts';
import { ServiceLog } from './service-log.ts';

/** In milliseconds. */
const LOOK_EVERY = 50;

/** The logs of services, as lines that begin with the name of the one that printed them. */
export class MergedLogs {
  readonly #paint: Paint;
  readonly #names: readonly string[];
  readonly #logs = new Map<string, ServiceLog>();

  /** @param names of all whose lines may be shown */
  constructor(names: readonly string[], paint: Paint) {
    this.#paint = paint;
    this.#names = names;
  }

  open(name: string, path: string): void {
    if (this.#names.includes(name)) this.#logs.set(name, new ServiceLog(name, path));
  }

  /** What all of them have printed since the last look. */
  lines(): string[] {
    return [...this.#logs.values()].flatMap((log) => this.#prefixed(log.name, log.lines()));
  }

  /** The last lines of one. */
  close(name: string): string[] {
    const rest = this.#logs.get(name)?.end() ?? [];
    this.#logs.delete(name);
    return this.#prefixed(name, rest);
  }

  #prefixed(name: string, lines: readonly string[]): string[] {
    const width = Math.max(...this.#names.map((each) => each.length));
    const prefix = this.#paint.hue(this.#names.indexOf(name))(`${visible(name).padEnd(width)} |`);
    return lines.map((line) => `${prefix} ${asLine(visible(line))}`.trimEnd());
  }
}

/** Whether all that are held are ready, or done. */
const isWhole = ({ holds, shared }: RunState): boolean =>
  (holds ?? []).every((name) =>
    shared.some((each) => each.name === name && ['ready', 'done', 'cached'].includes(each.progress)),
  );

/** Shows a hold as plain lines. */
export function createHoldView(
  stream: NodeJS.WriteStream,
  env: NodeJS.ProcessEnv,
  names: readonly string[],
  { cwd }: Pick<Program, 'cwd'>,
): TerminalReport {
  const paint = createPaint(wantsColor(stream, env));
  const logs = new MergedLogs(names, paint);
  let state = INITIAL_STATE;
  let isTold = false;
  const write = (lines: readonly string[]): void => {
    if (lines.length > 0) stream.write(lines.map((line) => `${line}\n`).join(''));
  };
  const timer = setInterval(() => write(logs.lines()), LOOK_EVERY).unref();
  return {
    sink: (stamped: Stamped) => {
      if (stamped.type === 'shared-started') logs.open(stamped.shared, stamped.logFile);
      // What it printed before comes first.
      if (stamped.type !== 'output') write(logs.lines());
      if (stamped.type === 'shared-finished') write(logs.close(stamped.shared));
      const event = visibleAll(lasting(stamped));
      state = advance(state, event);
      write(linesOf(event, state, { paint, cwd: visible(cwd) }).map(asLine));
      if (isTold || !(event.type === 'service-ready' || event.type === 'shared-finished') || !isWhole(state))
        return;
      isTold = true;
      write([paint.dim('  all is up; Ctrl-C ends it')]);
    },
    leave: () => {},
    close: () => clearInterval(timer),
  };
}
