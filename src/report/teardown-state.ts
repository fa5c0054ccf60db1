/** The part of a run's state that is about tidying up after it. */
import type { Stamped } from '../core/event.ts';
import type { Finding } from '../core/finding.ts';
import type { Undo } from '../core/undo.ts';

/** An undo, or a step of the teardown. */
export interface TeardownState {
  readonly name: string;
  readonly kind: Undo['kind'];
  readonly command: string;
  readonly outcome: 'running' | 'done' | 'failed';
  readonly sinceMs: number;
  readonly durationMs: number;
  readonly lastLine: string;
  readonly findings: readonly Finding[];
  readonly logFile: string | null;
}

interface WithTeardown {
  readonly teardown: readonly TeardownState[];
}

type Of<T extends Stamped['type']> = Extract<Stamped, { type: T }>;

/** Of two with the same name the one that runs is meant. */
function change<State extends WithTeardown>(
  state: State,
  kind: string,
  name: string,
  more: Partial<TeardownState>,
): State {
  return {
    ...state,
    teardown: state.teardown.map((step) =>
      step.kind === kind && step.name === name && step.outcome === 'running' ? { ...step, ...more } : step,
    ),
  };
}

export function startTeardown<State extends WithTeardown>(
  state: State,
  event: Of<'teardown-started'>,
): State {
  const { step: name, kind, command, elapsedMs: sinceMs } = event;
  const begun = { outcome: 'running', durationMs: 0, lastLine: '', findings: [], logFile: null } as const;
  return { ...state, teardown: [...state.teardown, { name, kind, command, sinceMs, ...begun }] };
}

export function finishTeardown<State extends WithTeardown>(
  state: State,
  { kind, step, outcome, durationMs, findings, logFile }: Of<'teardown-finished'>,
): State {
  return change(state, kind, step, { outcome, durationMs, findings, logFile });
}

/** Whether that is what an event's `component` stands for. */
export const isTeardown = (component: string): boolean => /^(?:undo|teardown):/.test(component);

export function printTeardown<State extends WithTeardown>(
  state: State,
  { component, lastLine }: Of<'output'>,
): State {
  const at = component.indexOf(':');
  return change(state, component.slice(0, at), component.slice(at + 1), { lastLine });
}
