/** What a trial does outside of its own processes, and whether that has been undone. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A file stands for a database, or whatever else outlives the processes that made it. */
const MADE = 'made';
const TORN_DOWN = 'torn-down';

export const UNDONE_SUITE = {
  setup: [{ name: 'make', run: `echo > ${MADE}`, undo: `rm -f ${MADE}` }],
  teardown: [{ name: 'tear down', run: `echo > ${TORN_DOWN}` }],
};

const POLL = 10;

/**
 * @param project the folder of the suite
 * @param limit how long it may take, in ms
 * @returns what has not been undone by then
 */
export async function notUndone(project: string, limit: number): Promise<string[]> {
  const faults = (): string[] => [
    ...(existsSync(join(project, MADE)) ? ['what a setup step has done was not undone'] : []),
    ...(existsSync(join(project, TORN_DOWN)) ? [] : ['the teardown was not carried out']),
  ];
  const deadline = performance.now() + limit;
  while (faults().length > 0 && performance.now() < deadline) await delay(POLL);
  return faults();
}
