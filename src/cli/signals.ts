import type { StopReason } from '../domain/stop-reason.ts';
import type { RunControl } from '../engine/run-context.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes on a Ctrl-C that the terminal has sent to us already: within this time both are one. */
const SAME_WITHIN = 200;

export interface SignalWatch {
  readonly control: RunControl;
  /** The signal that interrupted, if one did. */
  readonly received: () => NodeJS.Signals | undefined;
  /** Signals do again what they do by default. */
  readonly release: () => void;
}

/** The first signal ends a run politely, a second one at once. */
export function watchSignals(): SignalWatch {
  const stop = new AbortController();
  const hurry = new AbortController();
  let received: NodeJS.Signals | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (now - lastAt < SAME_WITHIN) return;
    // Counted from the first of them: a key that is held down is not a duplicate for ever.
    lastAt = now;
    if (received !== undefined) {
      hurry.abort();
      return;
    }
    received = signal;
    stop.abort({ type: 'interrupted', signal } satisfies StopReason);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    control: { stop: stop.signal, hurry: hurry.signal },
    received: () => received,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
