/** How an agent is asked for something in the course of a run, and what its silence tells. Runs in the sandbox of the workflow. */
import {
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  proxyActivities,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { SeatActivities } from './activities.ts';
import { NO_SEAT, type Seated } from './protocol.ts';

export const ONCE = { maximumAttempts: 1 };

/** Long enough for every load. */
export const AS_LONG_AS_IT_TAKES = '30d';

/** On the queue of one agent. */
export const on = ({ queue }: Seated, options: ActivityOptions): SeatActivities =>
  proxyActivities<SeatActivities>({ taskQueue: queue, retry: ONCE, ...options });

/** The last that was heard of an agent whose task has failed. */
export function lastHeard<T>(error: unknown): T | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof TimeoutFailure ? (cause.lastHeartbeatDetails as T | undefined) : undefined;
}

/** Which of its times has run out, if that is why a task has failed. */
export const timeoutOf = (error: unknown): TimeoutFailure['timeoutType'] | undefined =>
  error instanceof ActivityFailure && error.cause instanceof TimeoutFailure
    ? error.cause.timeoutType
    : undefined;

/** What the agent itself has said, if that is why a task has failed. */
export const saidIn = (error: unknown): string | undefined =>
  error instanceof ActivityFailure && error.cause instanceof ApplicationFailure
    ? error.cause.message
    : undefined;

/** Whether it knows nothing of the run, and so has done nothing for it. */
export const isWithoutSeat = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === NO_SEAT;

export const whyOf = (error: unknown): string =>
  error instanceof ActivityFailure && error.cause !== undefined && !(error.cause instanceof TimeoutFailure)
    ? error.cause.message
    : 'nothing has been heard of it';
