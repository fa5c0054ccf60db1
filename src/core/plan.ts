import type { Shard } from './shard.ts';
import type {
  Absent,
  Component,
  Environment,
  MemoryPreset,
  SetupStep,
  Shared,
  Suite,
  TeardownStep,
} from './suite.ts';
import type { Ms } from './units.ts';

/** A component and what it waits for within this run. */
export interface PlannedComponent {
  readonly component: Component;
  /** Names of planned components that must have passed before this one starts. */
  readonly after: readonly string[];
  /** Fixed ports that it binds: two components on one port never run side by side. */
  readonly ports: readonly number[];
}

/** Everything that will happen, as plain data: it survives JSON, and running it needs no further input. */
export interface Plan {
  readonly version: 1;
  readonly suite: string;
  readonly root: string;
  readonly source: Suite['source'];
  readonly memory: MemoryPreset;
  /** Environment variables of every child, beyond those inherited. */
  readonly env: Environment;
  /** Folders that come first on the PATH of every child. */
  readonly path: readonly string[];
  readonly setup: readonly SetupStep[];
  readonly teardown: readonly TeardownStep[];
  /** What the components share, each after those that it needs. */
  readonly shared: readonly Shared[];
  readonly components: readonly PlannedComponent[];
  /** What of `shared` is held until the user ends it, if that is what the run is for: it then has no components. */
  readonly holds?: readonly string[];
  /** Whether the components run again and again until the user ends it. */
  readonly isWatched?: boolean;
  /** The last run, if these components are what had not passed by then. */
  readonly rerunOf?: string;
  /** Which part of the suite it is, if others are run elsewhere; `shard.deal` has all components. */
  readonly shard?: Shard;
  /** Selected by default but absent: reported, never silently dropped. */
  readonly skipped: readonly Absent[];
  readonly jobs: number;
  readonly keepGoing: boolean;
  /** How many times each component must pass. */
  readonly repeat: number;
  /** Random seed of the first attempt at each component; each later one adds one. */
  readonly seed: number;
  /** How many earlier runs' folders stay under `.shakedown/`. */
  readonly keepRuns: number;
  /** How long processes get to end gracefully when the user interrupts. */
  readonly interruptGrace: Ms;
}
