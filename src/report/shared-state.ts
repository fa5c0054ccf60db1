/** The part of a run's state that is about the services and tasks that its components share. */
import type { Stamped } from '../core/event.ts';
import type { Finding } from '../core/finding.ts';
import type { Shared } from '../core/suite.ts';
import type { ServiceState } from './service-state.ts';

/** A service or task that components share. */
export interface SharedState {
  /** Followed by `@` and the component if only that one uses it. */
  readonly name: string;
  readonly kind: Shared['type'];
  readonly progress: 'starting' | 'ready' | 'ended' | 'done' | 'cached' | 'failed';
  readonly sinceMs: number;
  /** From start to end; 0 while it has not ended. */
  readonly durationMs: number;
  /** Null for a task, and for a service that is not ready. */
  readonly ready: ServiceState | null;
  readonly lastLine: string;
  readonly findings: readonly Finding[];
  readonly logFile: string;
}

interface WithShared {
  readonly shared: readonly SharedState[];
}

type Of<T extends Stamped['type']> = Extract<Stamped, { type: T }>;

/** One that has ended may have a successor of the same name: the last is meant. */
export function changeShared<State extends WithShared>(
  state: State,
  name: string,
  more: Partial<SharedState>,
): State {
  const at = state.shared.findLastIndex((shared) => shared.name === name);
  return {
    ...state,
    shared: state.shared.map((shared, index) => (index === at ? { ...shared, ...more } : shared)),
  };
}

export function startShared<State extends WithShared & { readonly holds: readonly string[] | null }>(
  state: State,
  { shared: name, kind, logFile, elapsedMs }: Of<'shared-started'>,
): State {
  const started: SharedState = {
    ...{ name, kind, logFile, progress: 'starting', sinceMs: elapsedMs, durationMs: 0 },
    ...{ ready: null, lastLine: '', findings: [] },
  };
  // One that is held may be started again and again: only the last time counts.
  const isAgain = state.holds !== null && state.shared.some((shared) => shared.name === name);
  const shared = isAgain
    ? state.shared.map((each) => (each.name === name ? started : each))
    : [...state.shared, started];
  return { ...state, shared };
}

export function finishShared<State extends WithShared>(
  state: State,
  { shared: name, outcome, durationMs, findings }: Of<'shared-finished'>,
): State {
  return changeShared(state, name, { progress: outcome, durationMs, findings });
}
