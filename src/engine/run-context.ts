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
import type { RunDirectory } from '../store/run-directory.ts';
import type { EventSink } from './emitter.ts';

/** What a person can ask of a run beside its end; each is done before `emit` returns. */
export interface RunRequests {
  /** To tell what runs at this moment. */
  readonly describe: [];
  /** To stop all processes, and the clock. */
  readonly suspend: [];
  /** To have both go on. */
  readonly resume: [];
}

/** How whoever started a run can end it, or have it do something else. */
export interface RunControl {
  /** Aborts, with a `StopReason` of type `interrupted` or `crashed`, when the run is to end politely. */
  readonly stop: AbortSignal;
  /** Aborts when it is to end at once. */
  readonly hurry: AbortSignal;
  /** Aborts when it did not, and nothing is waited for any more: the watchdog ends what is left. */
  readonly abandon: AbortSignal;
  /** To be told of an error that nobody expected; it stops the run. */
  readonly onCrash: (error: unknown) => void;
  /** The first such error, as it is to be told. */
  readonly crash: () => Finding | undefined;
  readonly requests: EventEmitter<RunRequests>;
}

/** A component or a setup step while it runs. */
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

/** What a run needs from the program around it. */
export interface RunHost {
  readonly version: string;
  /** Path of the script that ends what is left when we are killed. */
  readonly reaper: string;
  readonly inherited: NodeJS.ProcessEnv;
  readonly control: RunControl;
  /** By which all is measured and limited; it stands while the run is stopped. */
  readonly clock: Clock;
  /** How what is started is held together; closed by the run. */
  readonly tier: Tier;
  /** @param id unique within the run */
  readonly openOwner: (context: OwnerContext, id: string) => CommandOwner;
  readonly sinks: readonly EventSink[];
  /** Told as a step of the setup. */
  readonly prepared?: Preparation;
}

/** What all that runs at one time shares. */
export interface RunResources extends Pick<RunHost, 'version' | 'control' | 'clock' | 'tier' | 'openOwner'> {
  readonly plan: Pick<Plan, 'interruptGrace' | 'command'>;
  readonly directory: RunDirectory;
  readonly pipes: PipeSource;
  /** What runs at this moment. */
  readonly active: Set<Active>;
  readonly emit: (event: RunEvent) => void;
}

/** What all parts of a run share. */
export interface Run extends RunResources {
  readonly plan: Plan;
}
