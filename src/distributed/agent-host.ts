/** What an agent is told of the machine it is on, and how it talks to the server. */
import { dataConverter } from './codec.ts';
import type { AgentSelf } from './seat.ts';
import type { Trial, TrialOrder } from './trials/protocol.ts';

/** In milliseconds: how long the last report of an agent that leaves may take to reach its run. */
export const LEAVE_WITHIN = 10_000;

/** How long the rest may take: whose polls the server refuses would wait for their end for ever. */
const GONE_WITHIN = 15_000;

/** Options of each worker: heartbeats are not held back, and the end of a host of workflows is soon noticed. */
export const WORKER_OPTIONS = {
  dataConverter,
  maxHeartbeatThrottleInterval: 400,
  defaultHeartbeatThrottleInterval: 400,
  stickyQueueScheduleToStartTimeout: '500ms',
  shutdownGraceTime: LEAVE_WITHIN,
  shutdownForceTime: GONE_WITHIN,
} as const;

/** Waits for the end of a worker that is told to end; one that takes too long for that is left as it is. */
export async function untilGone(running: Promise<void>): Promise<void> {
  try {
    await running;
  } catch (error) {
    if ((error as Error).name !== 'GracefulShutdownPeriodExpiredError') throw error;
  }
}

export interface AgentHost extends AgentSelf {
  readonly name: string;
  /** What its machine is called. */
  readonly host: string;
  readonly cores: number;
  /** Aborted when it is to leave; the reason is the name of the signal. */
  readonly signal: AbortSignal;
  /** Tries a package; undefined if its operator does not allow that. */
  readonly tryPackage: ((order: TrialOrder, stop: AbortSignal) => Promise<Trial>) | undefined;
  readonly tell: (news: AgentNews) => void;
}

export type AgentNews =
  | { readonly type: 'ready'; readonly queue: string }
  | { readonly type: 'seated'; readonly run: string; readonly seat: number }
  | { readonly type: 'released'; readonly run: string };
