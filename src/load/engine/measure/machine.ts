/** What a run took of the machine: the target, and the generator itself. A soak of days has a sample for each second. */
import type { LoadWindow, TargetResources, TargetSample } from '../../../core/load.ts';

/** @returns null where nothing is known of the target */
export function resourcesOf(samples: readonly TargetSample[]): TargetResources | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return null;
  const span = (name: 'rssBytes' | 'threads' | 'descriptors') => ({
    first: first[name],
    last: last[name],
    peak: samples.reduce((most, sample) => Math.max(most, sample[name]), first[name]),
  });
  return {
    cpuMs: last.cpuMs - first.cpuMs,
    rssBytes: span('rssBytes'),
    threads: span('threads'),
    descriptors: span('descriptors'),
  };
}

/** The longest time, in milliseconds, that a thread did not get round to its work while it was measured. */
export const longestLag = (windows: readonly LoadWindow[]): number =>
  windows.reduce(
    (most, { phase, generator }) => (phase === 'measured' ? Math.max(most, generator.maxLoopLagMs) : most),
    0,
  );
