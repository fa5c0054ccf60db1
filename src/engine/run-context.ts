import type { RunEvent } from '../domain/event.ts';
import type { Plan } from '../domain/plan.ts';
import type { PipeSource } from '../process/output/pipe-source.ts';
import type { RunDirectory } from '../process/ownership/run-directory.ts';
import type { Tier } from '../process/ownership/tiers/tier.ts';
import type { EventSink } from './emitter.ts';

/** How whoever started a run can end it. */
export interface RunControl {
  /** Aborts, with a `StopReason` of type `interrupted`, when the run is to end politely. */
  readonly stop: AbortSignal;
  /** Aborts when it is to end at once. */
  readonly hurry: AbortSignal;
}

/** What a run needs from the program around it. */
export interface RunHost {
  readonly version: string;
  /** Path of the script that ends what is left when we are killed. */
  readonly reaper: string;
  readonly inherited: NodeJS.ProcessEnv;
  readonly control: RunControl;
  /** How what is started is held together; closed by the run. */
  readonly tier: Tier;
  readonly sinks: readonly EventSink[];
}

/** What all parts of a run share. */
export interface Run {
  readonly plan: Plan;
  readonly control: RunControl;
  readonly directory: RunDirectory;
  readonly pipes: PipeSource;
  readonly tier: Tier;
  readonly emit: (event: RunEvent) => void;
}
