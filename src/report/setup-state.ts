/** The part of a run's state that is about its setup. */
import type { Stamped } from '../core/event.ts';
import type { Finding } from '../core/finding.ts';

export interface SetupState {
  readonly name: string;
  readonly outcome: 'running' | 'done' | 'cached' | 'failed';
  readonly sinceMs: number;
  readonly durationMs: number;
  readonly lastLine: string;
  readonly findings: readonly Finding[];
  readonly logFile: string | null;
}

interface WithSetup {
  readonly setup: readonly SetupState[];
}

type Of<T extends Stamped['type']> = Extract<Stamped, { type: T }>;

/** Steps run one at a time, and two may share a name (the same command in two folders): the running one is meant. */
function change<State extends WithSetup>(state: State, name: string, more: Partial<SetupState>): State {
  return {
    ...state,
    setup: state.setup.map((step) =>
      step.name === name && step.outcome === 'running' ? { ...step, ...more } : step,
    ),
  };
}

export function startSetup<State extends WithSetup>(state: State, event: Of<'setup-started'>): State {
  const { step: name, elapsedMs: sinceMs } = event;
  const begun = { outcome: 'running', durationMs: 0, lastLine: '', findings: [], logFile: null } as const;
  return { ...state, setup: [...state.setup, { name, sinceMs, ...begun }] };
}

export function finishSetup<State extends WithSetup>(
  state: State,
  { step, outcome, durationMs, findings, logFile }: Of<'setup-finished'>,
): State {
  return change(state, step, { outcome, durationMs, findings, logFile });
}

const PREFIX = 'setup:';

/** Whether that is what an event's `component` stands for. */
export const isSetup = (component: string): boolean => component.startsWith(PREFIX);

export function printSetup<State extends WithSetup>(
  state: State,
  { component, lastLine }: Of<'output'>,
): State {
  return change(state, component.slice(PREFIX.length), { lastLine });
}
