/** What is under way at the end may still come in for this share of the run, at most so long. */
const DRAIN_SHARE = 0.1;
const LONGEST_DRAIN = 1000;

/** How long what is under way at the end is waited for, in milliseconds. */
export const drainOf = (durationMs: number): number => Math.min(LONGEST_DRAIN, durationMs * DRAIN_SHARE);
