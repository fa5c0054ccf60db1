/** What agents do for a workflow. */
import type { LoadReport } from '../load/merge/index.ts';
import type { ClockLook, Driven, DriveOrder, Prepared, PrepareOrder, StopOrder } from './protocol.ts';

/** Those of any agent of the pool. */
export interface PoolActivities {
  /** Holds a seat of the run, and thereby the agent, until the run is over. It fails if the agent leaves. */
  attend(seat: number): Promise<void>;
}

/** Those of the agent that has the seat. */
export interface SeatActivities {
  /** Prepares its part; asked again, it waits for the same end. */
  prepare(order: PrepareOrder): Promise<Prepared>;
  drive(order: DriveOrder): Promise<Driven>;
  /** What became of a drive that was no longer heard of: waits for its end. */
  collect(): Promise<Driven>;
  /** Says that it is there, and what time it is there. */
  here(): Promise<ClockLook>;
  stop(order: StopOrder): Promise<void>;
  /** @returns what all agents had measured when a condition of `abortOn` held; null if none did until the load ended */
  watch(): Promise<LoadReport | null>;
  /** The run is over. */
  release(): Promise<void>;
}
