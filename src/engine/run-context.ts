import type { EventEmitter } from 'node:events';
import type { Clock } from '../core/clock.ts';
import type { RunEvent } from '../core/event.ts';
import type { Finding } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import type { OwnedStep } from '../process/inspection/owned-step.ts';
import type { PipeSource } from '../process/output/pipe-source.ts';
import type { CommandOwner } from '../process/ownership/command-owner.ts';
import type { OwnerContext } from '../process/ownership/owner.ts';
import type { Tier } from '../process/ownership/tiers/tier.ts';
import type { Undos } from '../process/undo/undos.ts';
import type { RunDirectory, RunPurpose } from '../store/run-directory.ts';
import type { EventSink } from './emitter.ts';

/** What a user can request of a run, other than its end; each is done before `emit` returns. */
export interface RunRequests {
  /** Describe what is running. */
  readonly describe: [];
  /** Stop all processes, and the clock. */
  readonly suspend: [];
  /** Resume both. */
  readonly resume: [];
}

/** How the caller controls a run. */
export interface RunControl {
  /** Aborts, with a `StopReason` of type `interrupted` or `crashed`, when the run is to end gracefully. */
  readonly stop: AbortSignal;
  /** Aborts when it is to end at once. */
  readonly hurry: AbortSignal;
  /** Aborts when even that failed, and we wait for nothing any more: the watchdog ends what is left. */
  readonly abandon: AbortSignal;
  /** Called with an unexpected error; stops the run. */
  readonly onCrash: (error: unknown) => void;
  /** The first such error, as a finding. */
  readonly crash: () => Finding | undefined;
  readonly requests: EventEmitter<RunRequests>;
}

/** A component or setup step while it runs. */
export interface Active {
  /** As events name it. */
  readonly component: string;
  readonly steps: readonly OwnedStep[];
}

/** What was done before there was a plan. */
export interface Preparation {
  readonly name: string;
  readonly outcome: 'done' | 'cached' | 'failed';
  readonly durationMs: number;
  readonly findings: readonly Finding[];
}

/** What a run needs from its caller. */
export interface RunHost {
  readonly version: string;
  /** Path of the script that ends what is left when we are killed. */
  readonly reaper: string;
  readonly inherited: NodeJS.ProcessEnv;
  readonly control: RunControl;
  /** Measures all times and limits; stopped while the run is suspended. */
  readonly clock: Clock;
  /** Holds the processes together; closed by the run. */
  readonly tier: Tier;
  /** @param id unique within the run */
  readonly openOwner: (context: OwnerContext, id: string) => CommandOwner;
  readonly sinks: readonly EventSink[];
  /** Default: components. */
  readonly purpose?: RunPurpose;
  /** Whether it is compared with earlier runs of the suite, and later ones with it. */
  readonly isCompared?: boolean;
  /** Reported as setup steps. What is planned runs even if one of them has failed. */
  readonly prepared?: readonly Preparation[];
}

/** What everything running at the same time shares. */
export interface RunResources extends Pick<RunHost, 'version' | 'control' | 'clock' | 'tier' | 'openOwner'> {
  readonly plan: Pick<Plan, 'interruptGrace' | 'root' | 'suite' | 'source' | 'shared'>;
  readonly directory: RunDirectory;
  readonly pipes: PipeSource;
  /** What is undone at the end. */
  readonly undos: Undos;
  /** What is running now. */
  readonly active: Set<Active>;
  readonly emit: (event: RunEvent) => void;
}

/** What all parts of a run share. */
export interface Run extends RunResources {
  readonly plan: Plan;
}
