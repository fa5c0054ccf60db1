/** What the command line, the workflow and the agents say to each other: plain data. Nothing is loaded by it. */
import type { LoadPlan, LoadResult } from '../core/load.ts';
import type { Bounds } from '../load/index.ts';
import type { LoadReport } from '../load/merge/index.ts';

const MB = 1024 * 1024;

/** What the server keeps of a run at once, in bytes, less what else it keeps of it: of 8 MB, and of 50 MB in its history. */
const TOLD_BY_ALL = 5 * MB;
const REPORTED_BY_ALL = 16 * MB;

/** How large what one of so many agents tells may be, in bytes when compressed: each second, and in the end. */
export const roomOf = (agents: number): { readonly told: number; readonly report: number } => ({
  told: Math.min(0.5 * MB, TOLD_BY_ALL / agents),
  report: Math.min(1.8 * MB, REPORTED_BY_ALL / agents),
});

/** @returns how many agents may tell so much each second */
export const mostAgents = (size: number): number => Math.floor(TOLD_BY_ALL / size);

/** The same of what a run comes to, and of what was measured when a condition of `abortOn` held: both are in one message. */
export const ROOM_OF_OUTCOME = { merged: 1.2 * MB, atAbort: 0.4 * MB };

/** The type of the workflow, as the server knows it. */
export const WORKFLOW = 'shakedownLoad';

/** What a run is asked, and told, whose target is told to leave in the middle of the load. */
export const SCHEDULE = 'schedule';
export const END = 'end';

export interface Schedule {
  /** In milliseconds since 1970 by the clock of the server: now, and when the agents begin; null: that is not known yet. */
  readonly now: number;
  readonly startAt: number | null;
  /** How far the clock of each part is ahead of that, in milliseconds. */
  readonly ahead: readonly (readonly [part: number, ahead: Bounds])[];
}

/** Where agents of a pool wait for a run. */
export const poolQueue = (pool: string): string => `shakedown-${pool}`;

/** The type of what holds a piece of a plan. It is kept, never carried out: no agent serves its queue. */
export const PIECE = 'shakedownPiece';
export const PIECE_QUEUE = 'shakedown-pieces';
export const pieceId = (hash: string): string => `shakedown-piece-${hash}`;

/** What the server calls a task of an agent, so that whoever looks at a run knows whose it is. */
export const taskId = (type: string, part: number): string => `${type}-${part}`;

/** A seat that is offered again, while the server still waits for what was said to be gone. */
export const offerId = (part: number, again: number): string =>
  again === 0 ? taskId('attend', part) : `${taskId('attend', part)}-${again}`;

/** @returns whose task it is; undefined if that does not matter */
export function partOf(id: string): number | undefined {
  const [, part] = /^[a-z]+-(\d+)(?:-\d+)?$/.exec(id) ?? [];
  return part === undefined ? undefined : Number(part);
}

/** What a run begins with. Agents read the plan in its first event, so that it is kept once, not once for each. */
export interface RunInput {
  readonly version: string;
  /** Without data and bodies if they are in pieces. */
  readonly plan: LoadPlan;
  /** The hashes of the pieces with what the plan lacks, in order; empty if it is whole. */
  readonly pieces: readonly string[];
  /** The SHA-256 of the whole plan, as JSON. */
  readonly planHash: string;
  readonly agents: number;
  /** Milliseconds that agents may take to come. */
  readonly attendWithinMs: number;
}

/** An agent that has come to a run, and waits for what to do. */
export interface Seated {
  /** From 0: its part of the load. */
  readonly seat: number;
  /** Where only this agent takes tasks. */
  readonly queue: string;
  readonly version: string;
  /** Of its machine, for people. */
  readonly name: string;
  /** Its machine, where the name is another. */
  readonly host?: string;
  readonly cores: number;
}

/** How what is asked of an agent fails that has no seat in the run. */
export const NO_SEAT = 'no-seat';

/** `agent a on build-7` */
export const called = ({ name, host }: Pick<Seated, 'name' | 'host'>): string =>
  `agent ${name}${host === undefined ? '' : ` on ${host}`}`;

/** When an agent had a task, by both clocks: milliseconds since 1970. */
export interface ClockLook {
  /** By the server, before the agent could have it. */
  readonly scheduledAt: number;
  /** By the agent: when it had the task, and when it answered. */
  readonly receivedAt: number;
  readonly answeredAt: number;
}

export interface PrepareOrder {
  readonly seat: number;
  readonly agents: number;
  readonly version: string;
  readonly planHash: string;
}

/** What an agent tells while it prepares: for how many milliseconds it has been asked. */
export interface Preparing {
  readonly forMs: number;
}

export type Prepared =
  | { readonly type: 'ready'; readonly isIn: number | null; readonly clock: ClockLook }
  /** Nothing was sent. */
  | { readonly type: 'refused'; readonly why: string };

export interface DriveOrder {
  /** Milliseconds since 1970, by the agent's clock. */
  readonly startAt: number;
}

export interface StopOrder {
  /** `limit`: it is to end as if it had come to that. */
  readonly reason: LoadResult['ended'];
}

/** What an agent has in the end, and why, if something ended it before its time. */
export interface Driven {
  readonly report: LoadReport;
  /** The signal that made the agent leave; null: it stayed. */
  readonly leftBy: string | null;
}

/** What became of an agent. */
export interface Fate extends Pick<Seated, 'name' | 'host' | 'cores'> {
  readonly part: number;
  /**
   * `finished`: to the end of its part, or until all were stopped; `left`: it was told to end, by a signal; `lost`: nothing has been
   * heard of it.
   */
  readonly fate: 'finished' | 'left' | 'lost';
  /** Why, for those that did not finish. */
  readonly why: string | null;
}

export type RunOutcome =
  | {
      readonly type: 'measured';
      readonly merged: LoadReport;
      readonly agents: readonly Fate[];
      /** Who stopped all of it, if somebody did: a signal, or a condition of `abortOn`. */
      readonly stoppedBy: string | null;
      /** What was measured when a condition of `abortOn` held; null if none did. */
      readonly atAbort: LoadReport | null;
    }
  /** The server ended it, or forgot it: what was sent is not known. */
  | { readonly type: 'given-up'; readonly why: string }
  /** Before anything was sent: what makes that a usage error. */
  | { readonly type: 'refused'; readonly why: readonly string[] }
  /** Before anything was sent, too: agents that did not come, or were lost on the way; or it was stopped. */
  | { readonly type: 'not-begun'; readonly why: string; readonly stoppedBy: string | null };
