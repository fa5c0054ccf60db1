/** Files whose presence says that a service is ready. A file left by an earlier run says nothing. */
import { type BigIntStats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Probe } from '../../core/suite.ts';
import type { ProbeAnswer } from './answer.ts';

/** Tells a new version of a file from the one before; null for no file. */
type Stamp = string | null;

/** The state, before the service's start, of the files that its probes check, by absolute path. */
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
  const path =
    probe.type === 'file' || probe.type === 'unix'
      ? probe.path
      : probe.type === 'http'
        ? probe.unix
        : undefined;
  return path === undefined ? [] : [resolve(cwd, path)];
}

/** Records the files that a service's probes check; must be called before it is started. */
export function noteFiles(probe: Probe, cwd: string): FilesBefore {
  return new Map(pathsOf(probe, cwd).map((path) => [path, stampOf(path)]));
}

/** Whether a file has appeared, been rewritten or been replaced since the service's start. */
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
