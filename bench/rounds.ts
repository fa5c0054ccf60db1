/** Turn by turn: A B C A B C …, so that a noisy moment strikes all alike. And what the commands of the bench share. */
import { cpus, loadavg } from 'node:os';
import type { Machine, Series } from './result.ts';

export const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Holds the signal that ends the bench early. */
export const interruption = new AbortController();

/**
 * Runs a command of the bench to its end, whichever that is.
 *
 * @param endRunning asks what is being measured to end, when a signal says so
 */
export async function runToItsEnd(main: () => Promise<void>, endRunning: () => void): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      interruption.abort(signal);
      endRunning();
    });
  try {
    await main();
  } catch (error) {
    // What was measured had to end first: a server that is left would stay.
    if (interruption.signal.aborted) process.kill(process.pid, interruption.signal.reason as NodeJS.Signals);
    say(`bench: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

/** One member of a round: it adds a sample to its series. */
export type Turn = () => Promise<void>;

export function turns<R extends { readonly id: string; readonly title: string }, S>(
  runners: readonly R[],
  sample: (runner: R) => Promise<S>,
): { series: Series<S>[]; turns: Turn[] } {
  const series = runners.map(({ id, title }): Series<S> => ({ id, title, samples: [] }));
  return {
    series,
    turns: runners.map((runner, index) => async () => {
      series[index]?.samples.push(await sample(runner));
    }),
  };
}

/** A round that was begun is finished, so that all series are of one length. Returns how many. */
export async function runRounds(
  name: string,
  wanted: number,
  members: readonly Turn[],
  deadline: number,
): Promise<number> {
  for (let round = 1; round <= wanted; round++) {
    if (round > 1 && performance.now() > deadline) {
      say(`${name}: out of time after ${round - 1} of ${wanted} rounds`);
      return round - 1;
    }
    say(`${name}: round ${round} of ${wanted}`);
    for (const turn of members) {
      interruption.signal.throwIfAborted();
      await turn();
    }
  }
  return wanted;
}

/** @param before the load when the bench began */
export function thisMachine(before: number): Machine {
  return {
    cpus: cpus().length,
    platform: process.platform,
    node: process.versions.node,
    load: { before, after: load() },
  };
}

/** Processes that wanted a CPU, on average over the last minute. */
export const load = (): number => loadavg()[0] ?? 0;
