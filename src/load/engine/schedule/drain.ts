/** Responses in flight at the end may still arrive for this share of the run, within a limit in milliseconds. */
const DRAIN_SHARE = 0.1;
const LONGEST_DRAIN = 1000;

/** How long to wait for responses that are in flight at the end, in milliseconds. */
export const drainOf = (durationMs: number): number => Math.min(LONGEST_DRAIN, durationMs * DRAIN_SHARE);
