/** What a request costs a load generator: two runs, one of them longer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Measurement, measure } from '../measure.ts';
import type { Generator, Load } from './peers.ts';
import type { GeneratorSample } from './result.ts';

/** So long a run takes to have everything compiled that it needs. */
export const SHORT_SECONDS = 2;
/** Milliseconds beyond the time in which it sends. */
const PATIENCE = 30_000;

export type Command = readonly [string, ...string[]];

/** A command that has ended, and what it printed. */
export type Run = Measurement & { readonly text: string };

/**
 * Runs a generator, with one thread.
 *
 * @param folder for its output
 * @param seconds in which it sends
 */
export async function runGenerator(command: Command, folder: string, seconds: number): Promise<Run> {
  const output = join(folder, 'output');
  const measurement = await measure({
    command,
    cwd: folder,
    env: { ...process.env, GOMAXPROCS: '1', TOKIO_WORKER_THREADS: '1' },
    output,
    limitMs: seconds * 1000 + PATIENCE,
  });
  return { ...measurement, text: readFileSync(output, 'utf8') };
}

/** What a longer run takes beyond a short one: so the start of a program does not count for its requests. */
export async function compareRuns(generator: Generator, load: Load): Promise<GeneratorSample> {
  const short = await count(generator, { ...load, seconds: SHORT_SECONDS });
  const long = await count(generator, { ...load, seconds: SHORT_SECONDS + load.seconds });
  const requests = long.requests - short.requests;
  const userUs = ((long.userMs - short.userMs) * 1000) / requests;
  const systemUs = ((long.systemMs - short.systemMs) * 1000) / requests;
  const beyondMs = ((userUs + systemUs) * short.requests) / 1000;
  return {
    requests,
    userUs,
    systemUs,
    startMs: short.userMs + short.systemMs - beyondMs,
    perSecond: requests / load.seconds,
    peakMb: long.peakMb,
  };
}

async function count(generator: Generator, load: Load) {
  const { text, cpuMs, systemMs, peakMb } = await runGenerator(
    generator.command(load),
    load.folder,
    load.seconds,
  );
  const requests = generator.countOf(text, load);
  if (!(requests > 0)) throw new Error(`${generator.id} answered no request: ${text.slice(-500)}`);
  return { requests, userMs: cpuMs - systemMs, systemMs, peakMb };
}
