import type { EventSink } from '../engine/emitter.ts';
import type { Incomplete } from './destination.ts';

/** A report of a run that is being made. */
export interface OpenReport {
  readonly sink: EventSink;
  /** Writes what is left; returns why the report is incomplete, if it is. */
  readonly finish: () => Promise<Incomplete | undefined>;
}
