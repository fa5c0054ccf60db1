import type { RunEvent } from '../../domain/event.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import type { Environment } from '../../domain/suite.ts';
import type { Ms } from '../../domain/units.ts';
import type { OwnedStep } from '../../process/inspection/owned-step.ts';
import type { ComponentLog } from '../../process/output/log.ts';
import type { OutputScanner } from '../../process/output/scanner.ts';
import type { OnStart, OwnerContext } from '../../process/ownership/owner.ts';

/** What the engine gives to one attempt at a component. */
export interface ComponentContext extends OwnerContext {
  /** Prefix of this attempt's owners: unique within the run. */
  readonly id: string;
  /** What chance is drawn from in this attempt. */
  readonly seed: number;
  /** The command that runs this component again with the same seed, as a person would type it. */
  readonly reproduce: string;
  /** The whole environment of its processes. */
  readonly env: Environment;
  readonly log: ComponentLog;
  /** Aborts, with a `StopReason`, when the attempt is over before its end. */
  readonly signal: AbortSignal;
  /** Aborts when even politeness is to be cut short. */
  readonly hurry: AbortSignal;
  /** How long processes that must end before their time get after SIGTERM. */
  readonly grace: Ms;
  /** Texts in the command lines of helpers that may be left behind. */
  readonly leave: readonly string[];
  readonly emit: (event: RunEvent) => void;
  readonly onStart: (step: string) => OnStart;
  /** Told of each owner, before it starts anything. */
  readonly onOwner: (step: OwnedStep) => void;
  /**
   * Where everything stood when the time limit was reached; undefined when it was not. Nothing may be ended before
   * this resolves: a process that is gone cannot say where it stood.
   */
  readonly snapshot: () => Promise<Snapshot | undefined>;
  readonly onActivity: (step: string, scanner: OutputScanner) => void;
}
