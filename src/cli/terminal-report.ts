import type { WriteStream } from 'node:tty';
import { asLine, visible, visibleAll } from '../core/harmless.ts';
import type { EventSink } from '../engine/emitter.ts';
import { isInForeground } from '../process/system/proc.ts';
import { lasting } from '../report/lasting.ts';
import { advance, INITIAL_STATE } from '../report/state.ts';
import { frameOf } from '../report/terminal/frame.ts';
import { linesOf, stillRunning } from '../report/terminal/lines.ts';
import { createPaint } from '../text/paint.ts';
import type { Program } from './flags.ts';
import { Screen } from './screen.ts';

const REDRAW_EVERY = 100;
/** In milliseconds. A log that stays silent for long looks hung. */
const SAY_EVERY = 30_000;

export interface TerminalReport {
  readonly sink: EventSink;
  /** Gives the terminal to someone else for a while. */
  readonly leave: () => void;
  readonly close: () => void;
}

/** Whether to use colour: NO_COLOR and FORCE_COLOR decide, else whether it is a terminal. */
export function wantsColor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '')
    return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** Whether someone is watching on a terminal that can show a live view. */
export const wantsLive = (stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean =>
  stream.isTTY && env.TERM !== 'dumb' && (env.CI === undefined || env.CI === '' || env.CI === 'false');

/** Shows a run to the user: a live view on a terminal, plain lines elsewhere and in CI. */
export function createTerminalReport(
  stream: NodeJS.WriteStream,
  env: NodeJS.ProcessEnv,
  { cwd, clock }: Pick<Program, 'cwd' | 'clock'>,
): TerminalReport {
  const paint = createPaint(wantsColor(stream, env));
  const screen = wantsLive(stream, env) ? new Screen(stream as WriteStream) : undefined;
  let state = INITIAL_STATE;
  let base = clock.now();
  const elapsed = (): number => clock.now() - base;
  // A background job must not draw on the terminal.
  const frame = (elapsedMs: number): string[] => (isInForeground() ? frameOf(state, elapsedMs, paint) : []);
  const timer = setInterval(
    () => {
      if (screen !== undefined) return screen.update([], frame(elapsed()));
      const line = stillRunning(state, elapsed());
      if (line !== undefined) stream.write(`${line}\n`);
    },
    screen === undefined ? SAY_EVERY : REDRAW_EVERY,
  ).unref();
  return {
    sink: (stamped) => {
      const event = visibleAll(screen === undefined ? lasting(stamped) : stamped);
      state = advance(state, event);
      base = clock.now() - event.elapsedMs;
      const lines = linesOf(event, state, { paint, cwd: visible(cwd) }).map(asLine);
      if (screen !== undefined)
        screen.update(lines, event.type === 'run-finished' ? [] : frame(event.elapsedMs));
      else if (lines.length > 0) stream.write(lines.map((line) => `${line}\n`).join(''));
    },
    leave: () => screen?.leave(),
    close: () => {
      clearInterval(timer);
      screen?.close();
    },
  };
}
