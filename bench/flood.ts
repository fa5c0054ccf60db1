/** A component that prints a gigabyte: what it costs to pass that on, and how much memory. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Measurement, measure } from './measure.ts';
import { benchEnvironment, here, SHAKEDOWN } from './suite.ts';

const FOLDER = here('./flood');
const FLOOD_LIMIT = 60_000;

export interface FloodRunner {
  readonly id: string;
  readonly title: string;
  readonly command: readonly [string, ...string[]];
}

export const FLOOD_RUNNERS: readonly FloodRunner[] = [
  { id: 'file', title: '> file', command: ['/bin/sh', '-c', `'${FOLDER}/thread' > flood.out`] },
  { id: 'cat', title: '| cat > file', command: ['/bin/sh', '-c', `'${FOLDER}/thread' | cat > flood.out`] },
  {
    id: 'shakedown',
    title: 'Shakedown',
    command: [process.execPath, SHAKEDOWN, 'thread', '--dir', FOLDER],
  },
];

/** @throws when the run did not pass */
export async function sampleFlood(
  runner: FloodRunner,
  folder: string,
  megabytes: number,
): Promise<Measurement> {
  try {
    const measurement = await measure({
      command: runner.command,
      cwd: folder,
      env: benchEnvironment({ BENCH_BYTES: String(megabytes * 1e6) }),
      output: join(folder, 'flood.log'),
      limitMs: FLOOD_LIMIT,
    });
    if (measurement.exitCode !== 0)
      throw new Error(`${runner.command.join(' ')} ended with code ${measurement.exitCode}`);
    return measurement;
  } finally {
    // A gigabyte each: one at a time.
    for (const left of ['flood.out', '.shakedown'])
      rmSync(join(folder, left), { recursive: true, force: true });
  }
}
