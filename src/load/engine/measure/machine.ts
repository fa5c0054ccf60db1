/** The resources that a run used. Avoids spreading the samples: a soak of days has one for each second. */
import type { LoadWindow, TargetResources, TargetSample } from '../../../core/load.ts';

/** @returns null if there are no samples of the target */
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

/** The longest pause of a thread's event loop in measured time, in milliseconds. */
export const longestLag = (windows: readonly LoadWindow[]): number =>
  windows.reduce(
    (most, { phase, generator }) => (phase === 'measured' ? Math.max(most, generator.maxLoopLagMs) : most),
    0,
  );
