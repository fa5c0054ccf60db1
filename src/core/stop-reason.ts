import type { Finding } from './finding.ts';
import type { Snapshot } from './snapshot.ts';
import { formatDuration, type Ms } from './units.ts';

/** Why something that runs is to end: the reason of every abort signal in a run. */
export type StopReason =
  | { readonly type: 'timeout'; readonly limit: Ms }
  | { readonly type: 'interrupted'; readonly signal: string }
  /** Something that nobody expected; the message says what. */
  | { readonly type: 'crashed'; readonly message: string }
  /** Something that this depends on, or the run as a whole, has failed already. */
  | { readonly type: 'obsolete'; readonly because: string };

/** The reason of an aborted signal; undefined while it has not aborted. */
export function stopReason(signal: AbortSignal): StopReason | undefined {
  return signal.aborted ? (signal.reason as StopReason) : undefined;
}

/** How it is told that a time limit has ended something: a step, or a component as a whole. */
export const timedOut = (what: string, limit: Ms, snapshot: Snapshot): Finding => ({
  code: 'timeout',
  message: `${what} did not finish within ${formatDuration(limit)} and was stopped`,
  limitMs: limit,
  ...snapshot,
});

/**
 * @param signal of whoever called: its reason may be anything
 * @returns the name of the signal of the operating system that interrupted; undefined where it was none
 */
export function interruptingSignal(signal: AbortSignal | undefined): string | undefined {
  const reason: unknown = signal?.reason;
  if (typeof reason !== 'object' || reason === null || !('type' in reason)) return undefined;
  return reason.type === 'interrupted' && 'signal' in reason && typeof reason.signal === 'string'
    ? reason.signal
    : undefined;
}

/**
 * Waits for something, or for an abort.
 *
 * @returns what came of it; undefined when the signal aborted first. Nothing stays attached to the signal
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  let onAbort = (): void => {};
  const abort = new Promise<undefined>((resolve) => {
    onAbort = () => resolve(undefined);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([work, abort]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
