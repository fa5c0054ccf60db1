/** What the harness adds to a call from a worker thread, and how often a sound module raises an alarm. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { bundle } from '../bundle.ts';
import { here } from '../suite.ts';

export interface ThreadsBench {
  /** Calls in each round. */
  readonly calls: number;
  readonly rounds: number;
}

/** What one call takes, in microseconds of CPU time. */
export interface CallCost {
  readonly name: string;
  readonly bareUs: number;
  readonly harnessUs: number;
  /** With each operation written to the file before it is made. */
  readonly exactUs: number;
}

/** The harness may add so much to a call, in microseconds. */
export const MOST_US = 1;

/** Measures in a worker, each round bare, in the harness and with writes, one after the other. */
export async function measureCalls(options: ThreadsBench): Promise<readonly CallCost[]> {
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-bench-'));
  const worker = join(folder, 'worker.mjs');
  try {
    await bundle(here('./kinds/threads-worker.ts'), worker);
    return await new Promise((resolve, reject) => {
      new Worker(worker, { workerData: options, execArgv: [] })
        .once('message', ({ costs }: { costs: readonly CallCost[] }) => resolve(costs))
        .once('error', reject);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
