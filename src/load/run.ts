import type { LoadPlan, LoadResult, LoadWindow, TargetSample } from '../domain/load.ts';

/** What a load run gets from whoever started it. */
export interface LoadHost {
  /** Of Shakedown, for the result. */
  readonly version: string;
  /** Ends the run early; there is a result all the same. */
  readonly signal?: AbortSignal;
  /** Called about once a second with the window that has just ended. */
  readonly onWindow?: (window: LoadWindow) => void;
  /** Looks at the processes of the target; null once they are gone. */
  readonly sampleTarget?: () => TargetSample | null;
}

/**
 * Sends a load and measures what comes back.
 *
 * @returns the result; that the target refuses, lies or dies is in its findings
 */
export function runLoad(_plan: LoadPlan, _host: LoadHost): Promise<LoadResult> {
  throw new Error('the engine is not there yet');
}
