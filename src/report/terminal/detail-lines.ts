/** What `--quiet` leaves out, and what `--verbose` adds. */
import type { Stamped } from '../../core/event.ts';
import { shortCommand } from '../../core/finding.ts';
import { formatDuration } from '../../core/units.ts';
import { consequenceOf } from '../../kinds/index.ts';
import { loadNow } from '../../load/report/brief.ts';
import type { Paint } from '../../text/paint.ts';
import type { RunState } from '../state.ts';

/** Whether the lines of an event are about the verdict or what broke, or answer what a user has just asked. */
export function isEssential(event: Stamped): boolean {
  switch (event.type) {
    case 'setup-finished':
    case 'teardown-finished':
    case 'shared-finished':
      return event.outcome === 'failed';
    case 'component-finished':
      return event.verdict === 'failed' || event.verdict === 'inconclusive';
    case 'run-note':
      return consequenceOf(event.finding) !== 'note';
    case 'run-finished':
    case 'round-finished':
    case 'interrupted':
    case 'running':
      return true;
    default:
      return false;
  }
}

/** `api client`; a component that is its only step is named once. */
export function speakerOf(component: string, step: string): string {
  const name = component.replace(/^shared:/, '').replace(':', ' ');
  return step === '' || name === step || name.endsWith(` ${step}`) ? name : `${name} ${step}`;
}

/** How often, in seconds, a load is told as a line. */
const TOLD_EVERY = 5;

/** @returns the lines that `--verbose` adds for an event */
export function detailLines(event: Stamped, state: RunState, paint: Paint): string[] {
  const line = (step: string, text: string): string[] =>
    'component' in event
      ? [`  ${paint.dim('▸')} ${speakerOf(event.component, step)} ${paint.dim(text)}`]
      : [];
  switch (event.type) {
    case 'process-started':
      return line(event.step, `started, pid ${event.pid}: ${shortCommand(event.command)}`);
    case 'step-finished': {
      const { exitCode, signal, durationMs } = event;
      // What Shakedown does itself, such as its load, has no exit.
      const itself = exitCode === null ? 'ended' : `exited with code ${exitCode}`;
      const how = signal === null ? itself : `was ended by ${signal}`;
      return line(event.step, `${how} after ${formatDuration(durationMs)}`);
    }
    case 'service-ready': {
      const where = event.port === null ? '' : ` on port ${event.port}`;
      return line(event.service, `ready after ${formatDuration(event.readyAfterMs)}${where}`);
    }
    case 'service-ended':
      return line(event.service, `ended after ${formatDuration(event.durationMs)}`);
    case 'component-retrying':
      return line('', `failed in attempt ${event.attempt} of ${event.attempts}, and is tried again`);
    case 'load-window': {
      const known = state.components.find(({ name }) => name === event.component);
      const { atMs, durationMs } = event.window;
      const isTurn =
        Math.floor((atMs + durationMs) / 1000 / TOLD_EVERY) > Math.floor(atMs / 1000 / TOLD_EVERY);
      if (known === undefined || !isTurn) return [];
      return line(event.step, loadNow(event.window, { errors: known.loadErrors, limitMs: event.limitMs }));
    }
    default:
      return [];
  }
}
