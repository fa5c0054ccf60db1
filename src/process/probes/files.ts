/** Files that say by their presence that a service is ready. One that an earlier run has left says nothing. */
import { type BigIntStats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Probe } from '../../core/suite.ts';
import type { ProbeAnswer } from './answer.ts';

/** What tells a file that was written anew from the one that was there before; null for none. */
type Stamp = string | null;

/** How the files that a service's probes look at were before its start, by their absolute paths. */
export type FilesBefore = ReadonlyMap<string, Stamp>;

function stampOf(path: string): Stamp {
  let stats: BigIntStats;
  try {
    stats = statSync(path, { bigint: true });
  } catch {
    return null;
  }
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return [dev, ino, size, mtimeNs, ctimeNs].join();
}

function pathsOf(probe: Probe, cwd: string): string[] {
  if (probe.type === 'all' || probe.type === 'any') return probe.probes.flatMap((part) => pathsOf(part, cwd));
  return probe.type === 'file' ? [resolve(cwd, probe.path)] : [];
}

/** Takes note of the files that a service's probes look at: to be called before it is started. */
export function noteFiles(probe: Probe, cwd: string): FilesBefore {
  return new Map(pathsOf(probe, cwd).map((path) => [path, stampOf(path)]));
}

/** Whether a file has appeared, or been written again or replaced, since the service was started. */
export function lookAtFile(path: string, cwd: string, before: FilesBefore): ProbeAnswer {
  const absolute = resolve(cwd, path);
  const now = stampOf(absolute);
  if (now === null) return { ready: false, why: `the file ${path} does not exist` };
  if (now !== before.get(absolute)) return { ready: true };
  return {
    ready: false,
    why: `the file ${path} existed before the start, and has not been written since`,
  };
}
