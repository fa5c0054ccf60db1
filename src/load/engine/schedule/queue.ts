/** How many requests of a thread may wait for a connection; more are never sent. */
export const LONGEST_QUEUE = 16_384;
