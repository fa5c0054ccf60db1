import type { EventSink } from '../engine/emitter.ts';
import type { Incomplete } from './destination.ts';

/** A report of a run that is being made. */
export interface OpenReport {
  readonly sink: EventSink;
  /** The file to be opened by whoever wants to look at it; undefined if it is none to look at. */
  readonly page?: string;
  /** Writes what is left; returns why the report is incomplete, if it is. */
  readonly finish: () => Promise<Incomplete | undefined>;
}
