/** The live part at the bottom of a terminal: one line for each thing that runs. */
import { formatDuration } from '../../core/units.ts';
import type { Paint } from '../../text/paint.ts';
import { labelOf } from '../proof.ts';
import type { RunState } from '../state.ts';
import { trialsToCome } from './trial-lines.ts';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const SPIN_EVERY = 100;

/**
 * @param elapsedMs time since the run started
 * @returns the lines of the frame; the screen truncates those that are too wide
 */
export function frameOf(state: RunState, elapsedMs: number, paint: Paint): string[] {
  const spinner = SPINNER[Math.floor(elapsedMs / SPIN_EVERY) % SPINNER.length] ?? '';
  const line = (name: string, sinceMs: number, what: string, lastLine: string): string => {
    const said = lastLine === '' ? '' : paint.dim(` ${what === '' ? '' : '· '}${lastLine}`);
    return `  ${paint.warn(spinner)} ${name.padEnd(9)} ${paint.dim(formatDuration(Math.max(0, elapsedMs - sinceMs)).padStart(8))}  ${what}${said}`;
  };
  const setup = state.setup.flatMap((step) =>
    step.outcome === 'running'
      ? [line('setup', step.sinceMs, step.name === 'setup' ? '' : step.name, step.lastLine)]
      : [],
  );
  const starting = state.shared.flatMap(({ name, progress, sinceMs, lastLine }) =>
    progress === 'starting' ? [line(name, sinceMs, '', lastLine)] : [],
  );
  const running = state.components.flatMap(({ name, trial, progress }) =>
    progress.type === 'running'
      ? [
          line(
            labelOf({ name, trial }),
            progress.sinceMs,
            progress.step === name ? '' : progress.step,
            progress.lastLine,
          ),
        ]
      : [],
  );
  const waiting = state.components
    .filter(({ progress, trial }) => progress.type === 'waiting' && trial === null)
    .map(({ name }) => name);
  const toCome = waiting.length > 0 ? `then ${waiting.join(', ')}` : trialsToCome(state);
  const next = toCome !== undefined && state.interrupted === null ? [paint.dim(`    ${toCome}`)] : [];
  const teardown = state.teardown.flatMap(({ name, kind, outcome, sinceMs, lastLine }) =>
    outcome === 'running' ? [line(kind, sinceMs, name === kind ? '' : name, lastLine)] : [],
  );
  return [...setup, ...starting, ...running, ...teardown, ...next];
}
