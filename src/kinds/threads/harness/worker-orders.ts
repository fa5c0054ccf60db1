/** What a worker of a cell is given, and what it says. */
import type { CellRequest, Mismatch, Survey } from '../protocol.ts';

export interface WorkerOrders {
  /** From 1. */
  readonly worker: number;
  readonly request: CellRequest;
  readonly survey: Survey;
  /** For each operation the memory that holds its bytes; none for those with arguments of their own. */
  readonly shared: readonly (readonly SharedArrayBuffer[])[];
  readonly journal: SharedArrayBuffer;
  /** The descriptor of the journal's file. */
  readonly file: number;
  readonly gate: SharedArrayBuffer;
}

export type FromWorker =
  | { readonly type: 'not-loaded'; readonly message: string }
  | { readonly type: 'wrong'; readonly mismatch: Mismatch };

/** When threads wait for each other; at the first the main thread may be among them. */
export const MEETINGS = { loading: 0, calling: 1, leaving: 2 } as const;

/** The message of the error by which a worker ends on purpose. */
export const DOOR = 'shakedown: the door by which this thread was to end';
