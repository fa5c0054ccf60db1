/** Whether memory that grows with the work is a leak: it is only if the growth persists. */
import type { MemorySample } from './protocol.ts';

/** How much memory grows in the first doubling without any leak, in bytes: less than this cannot be detected. */
const NOISE = 512 * 1024;

export interface Growth {
  /** Growth of the peak in bytes per call, for each doubling. */
  readonly perCall: readonly number[];
  /** Over all doublings. */
  readonly bytesPerCall: number;
  /** Growth of fewer bytes per call cannot be told from noise. */
  readonly floor: number;
  readonly leaks: boolean;
}

/**
 * Compares peaks of memory as the work doubles from sample to sample. A leak grows by the same amount per call in every
 * doubling; a cache stops growing when it is full, and a heap when it has found its size.
 *
 * @param samples peaks after n, 2n, 4n … calls; with fewer than three, nothing counts as a leak
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
