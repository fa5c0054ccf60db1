/** Whether memory that grows with the work is a leak: only growth that persists is. */
import type { MemorySample } from './protocol.ts';

/** What memory rises by without any leak, in bytes within the first doubling: the floor of what is seen. */
const NOISE = 512 * 1024;

export interface Growth {
  /** Growth of the peak in bytes for each call, doubling by doubling. */
  readonly perCall: readonly number[];
  /** Over all doublings. */
  readonly bytesPerCall: number;
  /** Growth below this many bytes for each call is not told from noise. */
  readonly floor: number;
  readonly leaks: boolean;
}

/**
 * Compares the peaks of memory after work that doubles from sample to sample. A leak grows in every doubling by as
 * much for each call as in the others; a cache stops growing when it is full, and a heap when it has found its size.
 *
 * @param samples peaks after n, 2n, 4n … calls; with fewer than three nothing is said to leak
 */
export function judgeGrowth(samples: readonly MemorySample[]): Growth {
  const steps = samples.slice(1).map((sample, index) => {
    const before = samples[index] ?? sample;
    return { calls: sample.calls - before.calls, bytes: sample.peakBytes - before.peakBytes };
  });
  const [first] = steps;
  const floor = first === undefined ? 0 : NOISE / first.calls;
  const perCall = steps.map(({ calls, bytes }) => bytes / calls);
  const sum = (field: 'calls' | 'bytes'): number => steps.reduce((total, step) => total + step[field], 0);
  return {
    perCall,
    bytesPerCall: steps.length === 0 ? 0 : sum('bytes') / sum('calls'),
    floor,
    leaks: steps.length > 1 && perCall.every((growth) => growth >= floor),
  };
}
