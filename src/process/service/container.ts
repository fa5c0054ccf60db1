/** A container as the service in it sees it: its processes belong to an engine, and are neither found nor ended as ours. */
import type { Finding } from '../../core/finding.ts';
import type { Command, StopSignal } from '../../core/suite.ts';
import type { ProbeAnswer } from '../probes/answer.ts';
import type { ProcessInfo } from '../system/proc.ts';

/** What its engine says of a container. */
export interface Sight {
  /** Its first process, where that can be seen from here. */
  readonly first: ProcessInfo | undefined;
  /** That, and all below it. */
  readonly processes: readonly ProcessInfo[];
  /** The ports of this machine that lead to it. */
  readonly published: readonly number[];
}

export interface Container {
  /** Whether it has the network of this machine, and so its ports. */
  readonly isOnHost: boolean;
  /**
   * Makes it, so that its command can start it.
   *
   * @param port of this machine, at which the service is reached
   * @returns why it could not be made
   */
  readonly create: (port: number | null) => Promise<Finding | undefined>;
  /** A command as one that is carried out in it. */
  readonly inside: (command: Command) => Command;
  /** Whether the service listens on its own port: that which is published accepts connections long before. */
  readonly listens: () => Promise<ProbeAnswer>;
  /** What its health check says. */
  readonly health: () => Promise<ProbeAnswer>;
  /** @returns undefined when it is gone */
  readonly look: () => Promise<Sight | undefined>;
  /** Resolves when a part of it has failed while others go on; not if that cannot be. */
  readonly untilFailed?: (signal: AbortSignal) => Promise<void>;
  /** What its engine knows of its end that an exit code does not tell; undefined if there is nothing to add. */
  readonly fate: () => Promise<string | undefined>;
  /** What it shows that explains why the service cannot be reached. */
  readonly hint: () => Promise<string | undefined>;
  /** Sends its first process a signal. */
  readonly signal: (signal: StopSignal | 'SIGKILL') => Promise<void>;
  /** Removes it, whatever state it is in, along with its anonymous volumes. @returns why that has failed */
  readonly remove: () => Promise<Finding[]>;
}
