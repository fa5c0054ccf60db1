import type { Finding } from './finding.ts';
import type { Snapshot } from './snapshot.ts';
import { formatDuration, type Ms } from './units.ts';

/** Why something running is to end: the reason of every abort signal in a run. */
export type StopReason =
  | { readonly type: 'timeout'; readonly limit: Ms }
  | Interruption
  /** An unexpected error; the message describes it. */
  | { readonly type: 'crashed'; readonly message: string }
  /** A dependency, or the run as a whole, has failed already. */
  | { readonly type: 'obsolete'; readonly because: string };

export interface Interruption {
  readonly type: 'interrupted';
  readonly signal: string;
  /** The key that stands for the signal, where somebody has pressed one: nobody has sent that signal. */
  readonly key?: string;
}

/** What has interrupted, for people: `SIGINT`, or `the key q`. */
export const interruptedBy = ({ signal, key }: Omit<Interruption, 'type'>): string =>
  key === undefined ? signal : `the key ${key}`;

/** The reason of an aborted signal; undefined while it has not aborted. */
export function stopReason(signal: AbortSignal): StopReason | undefined {
  return signal.aborted ? (signal.reason as StopReason) : undefined;
}

/** Reports that a time limit ended a step, or a whole component. */
export const timedOut = (what: string, limit: Ms, snapshot: Snapshot): Finding => ({
  code: 'timeout',
  message: `${what} did not finish within ${formatDuration(limit)} and was stopped`,
  limitMs: limit,
  ...snapshot,
});

/**
 * @param signal the caller's: its reason may be anything
 * @returns what of a terminal or the operating system interrupted, for people; undefined if nothing did
 */
export function interruptionOf(signal: AbortSignal | undefined): string | undefined {
  const reason: unknown = signal?.reason;
  if (typeof reason !== 'object' || reason === null || !('type' in reason)) return undefined;
  return reason.type === 'interrupted' && 'signal' in reason && typeof reason.signal === 'string'
    ? interruptedBy(reason as Interruption)
    : undefined;
}

/** Waits for a promise, or for an abort, which gives undefined. Removes its listener from the signal. */
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
