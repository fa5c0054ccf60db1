/** What was measured of ownership, and the targets that it is held against. */
import { type Machine, type Series, type Target, target } from '../result.ts';

/** A tree of processes was ended. */
export interface TeardownSample {
  /** Until whoever ended it was done with it. */
  readonly tookMs: number;
  /** Of whoever ended it, without children. */
  readonly cpuMs: number;
  /** How many were still alive then. */
  readonly living: number;
  /** Until none was. */
  readonly goneMs: number;
}

/** Processes lived, and nothing else happened. */
export interface IdleSample {
  /** Of one CPU. */
  readonly cpuPercent: number;
}

/** `/bin/true`, by `child_process.spawn` and by an owner in turns: medians of one process's starts. */
export interface SpawnSample {
  /** From the call to its end. */
  readonly plainMs: number;
  readonly ownedMs: number;
  /** Start by start, how much longer the owner's took. */
  readonly extraMs: number;
  readonly meanExtraMs: number;
  readonly firstExtraMs: number;
  readonly plainCpuMs: number;
  readonly ownedCpuMs: number;
  /** With a new owner before it, and after it the look for what it left. */
  readonly wholeMs: number;
  /** Until the tier could be used: once a run. */
  readonly tierMs: number;
  /** To open and to close what encloses an attempt at a component. */
  readonly enclosureMs: number;
}

export interface OwnershipResult {
  readonly version: 1;
  readonly machine: Machine;
  readonly durationMs: number;
  readonly rounds: number;
  readonly processes: number;
  readonly idleSeconds: number;
  readonly teardown: Series<TeardownSample>[];
  readonly idle: Series<IdleSample>[];
  readonly spawn: Series<SpawnSample>[];
  /** Tiers that this machine does not permit. */
  readonly refused: readonly { readonly tier: string; readonly reason: string }[];
}

const TEARDOWN_LIMIT = 150;
const IDLE_LIMIT = 0.5;
const SPAWN_LIMIT = 3;

/** Those series that are Shakedown's. */
const ours = <S>(all: readonly Series<S>[]): Series<S>[] =>
  all.filter(({ id }) => id !== 'bash' && id !== 'node');

export function ownershipTargets(result: OwnershipResult): Target[] {
  // Node has something to do of its own: some seconds after its start it clears up its memory.
  const bare = result.idle.find(({ id }) => id === 'node')?.samples ?? [];
  return [
    ...ours(result.teardown).map(({ title, samples }) =>
      target(
        `ending a tree of ${result.processes} (${title})`,
        samples.map(({ tookMs }) => tookMs),
        TEARDOWN_LIMIT,
        'ms',
      ),
    ),
    ...ours(result.idle).map(({ title, samples }) =>
      target(
        `CPU while 100 processes live, beyond Node's (${title})`,
        samples.map(({ cpuPercent }, round) => cpuPercent - (bare[round]?.cpuPercent ?? Number.NaN)),
        IDLE_LIMIT,
        '%',
      ),
    ),
    ...result.spawn
      .filter(({ id }) => id === 'finders')
      .map(({ title, samples }) =>
        target(
          `one command, beyond child_process.spawn (${title})`,
          samples.map(({ extraMs }) => extraMs),
          SPAWN_LIMIT,
          'ms',
        ),
      ),
  ];
}
