import type { WriteStream } from 'node:tty';
import type { Stamped } from '../core/event.ts';
import { asLine, visible, visibleAll } from '../core/harmless.ts';
import { workflowCommand } from '../core/workflow-command.ts';
import type { EventSink } from '../engine/emitter.ts';
import { isInForeground } from '../process/system/proc.ts';
import { lasting } from '../report/lasting.ts';
import { advance, INITIAL_STATE, type RunState } from '../report/state.ts';
import { detailLines, isEssential } from '../report/terminal/detail-lines.ts';
import { frameOf } from '../report/terminal/frame.ts';
import { linesOf, stillRunning } from '../report/terminal/lines.ts';
import type { LineOptions } from '../report/terminal/parts.ts';
import { createPaint } from '../text/paint.ts';
import { issue } from './command-guard.ts';
import type { Detail } from './detail.ts';
import type { Program } from './flags.ts';
import { Screen } from './screen.ts';
import { ShownOutput } from './shown-output.ts';

/** In milliseconds, as all of these. */
const REDRAW_EVERY = 100;
/** A log that stays silent for long looks hung. */
const SAY_EVERY = 30_000;
/** How often the output of components is shown where there is no live view. */
const PASS_ON_EVERY = 500;

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

/** The lines that events add, as much as is wanted of them. */
class Lines {
  readonly #options: LineOptions;
  readonly #detail: Detail;
  /** What components print, if that is wanted. */
  readonly output: ShownOutput | undefined;
  /** Nothing has been said yet. */
  #isSilent = true;

  constructor(options: LineOptions, detail: Detail, now: () => number) {
    this.#options = options;
    this.#detail = detail;
    this.output = detail === 'verbose' ? new ShownOutput(options.paint, options.cwd, now) : undefined;
  }

  /**
   * @param event as it may be shown
   * @param raw as it came, with the real paths
   * @param state the run after it
   */
  of(event: Stamped, raw: Stamped, state: RunState): string[] {
    if (this.#detail === 'quiet' && !isEssential(event)) return [];
    const own = linesOf(event, state, this.#options).map(asLine);
    if (this.#detail === 'usual') return own;
    if (this.#detail === 'quiet') return this.#first(own);
    const details = detailLines(event, state, this.#options.paint).map(asLine);
    return [...(this.output?.before(raw) ?? []), ...details, ...own];
  }

  /** Nothing needs a distance from what is not there. */
  #first(lines: string[]): string[] {
    const shown = this.#isSilent ? lines.slice(lines.findIndex((line) => line !== '')) : lines;
    this.#isSilent &&= shown.length === 0;
    return shown;
  }
}

function write(lines: readonly string[], stream: NodeJS.WritableStream): void {
  if (lines.length > 0) stream.write(lines.map((line) => `${line}\n`).join(''));
}

/** Lines of an event: fewer are not worth a click. */
const FOLDED_FROM = 5;

/** Of what has ended, the result is on the first line, and what speaks for it below. */
const foldTitle = (event: Stamped): string | undefined =>
  event.type === 'component-finished'
    ? `more about ${event.component}`
    : event.type === 'shared-finished'
      ? `more about ${event.shared}`
      : event.type === 'setup-finished' || event.type === 'teardown-finished'
        ? `more about ${event.step}`
        : undefined;

function writeFolded(title: string, lines: readonly string[], stream: NodeJS.WritableStream): void {
  write(lines.slice(0, 1), stream);
  issue(workflowCommand('group', title), stream);
  write(lines.slice(1), stream);
  issue(workflowCommand('endgroup', ''), stream);
}

/**
 * Shows a run to the user: a live view on a terminal, plain lines elsewhere and in CI.
 *
 * @param shown.detail how much is said
 * @param shown.folds whether a workflow of GitHub is to fold away what follows the result of a component
 */
export function createTerminalReport(
  stream: NodeJS.WriteStream,
  env: NodeJS.ProcessEnv,
  { cwd, clock }: Pick<Program, 'cwd' | 'clock'>,
  { detail = 'usual', folds = false }: { readonly detail?: Detail; readonly folds?: boolean } = {},
): TerminalReport {
  const paint = createPaint(wantsColor(stream, env));
  const isLive = detail !== 'quiet' && wantsLive(stream, env);
  const screen = isLive ? new Screen(stream as WriteStream) : undefined;
  const lines = new Lines({ paint, cwd: visible(cwd) }, detail, () => clock.now());
  let state = INITIAL_STATE;
  let base = clock.now();
  const show = (added: readonly string[], isOver = false): void => {
    if (screen === undefined) {
      write(added, stream);
      return;
    }
    // A background job must not draw on the terminal.
    const isDrawn = !isOver && isInForeground();
    screen.update(added, isDrawn ? frameOf(state, clock.now() - base, screen.room, paint) : []);
  };
  const timers = [
    ...(screen === undefined && detail === 'usual'
      ? [
          setInterval(() => {
            const line = stillRunning(state, clock.now() - base);
            if (line !== undefined) show([line]);
          }, SAY_EVERY),
        ]
      : []),
    ...(screen === undefined && lines.output === undefined
      ? []
      : [
          setInterval(
            () => show(lines.output?.lines() ?? []),
            screen === undefined ? PASS_ON_EVERY : REDRAW_EVERY,
          ),
        ]),
  ];
  for (const timer of timers) timer.unref();
  return {
    sink: (stamped) => {
      const event = visibleAll(screen === undefined ? lasting(stamped) : stamped);
      state = advance(state, event);
      base = clock.now() - event.elapsedMs;
      const added = lines.of(event, stamped, state);
      const isOver = event.type === 'run-finished';
      // What only changes the frame is seen when that is drawn next: there may be a great many events.
      if (added.length === 0 && !isOver) return;
      const title = folds && screen === undefined && detail !== 'verbose' ? foldTitle(event) : undefined;
      if (title === undefined || added.length < FOLDED_FROM) show(added, isOver);
      else writeFolded(title, added, stream);
    },
    leave: () => screen?.leave(),
    close: () => {
      for (const timer of timers) clearInterval(timer);
      screen?.close();
    },
  };
}
