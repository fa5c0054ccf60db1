/** What the command line, the workflow and the agents say to each other about trials of packages: plain data. */
import type { Finding } from '../../core/finding.ts';

/** The type of the workflow, as the server knows it. */
export const TRIALS = 'shakedownTrials';

/** Where the agents of a run, and no others, take trials: so whoever is lost is replaced by one of them. */
export const trialsQueue = (run: string): string => `${run}-trials`;

/** The name of a trial in the history of its run, by its place in the list. */
export const trialId = (index: number): string => `package ${index}`;
export function indexIn(id: string | null | undefined): number | undefined {
  const [, index] = /^package (\d+)$/.exec(id ?? '') ?? [];
  return index === undefined ? undefined : Number(index);
}

/** How each package is tried; what is absent is as it is by default. */
export interface TrialOptions {
  /** The time limit of each thing tried, in milliseconds. */
  readonly timeout?: number;
  readonly seed?: number;
  readonly strict?: boolean;
}

/** What a run begins with. */
export interface TrialsInput {
  readonly version: string;
  readonly agents: number;
  /** Milliseconds that agents may take to come, or to be replaced when all are lost. */
  readonly attendWithinMs: number;
  /** How many packages an agent tries at a time. */
  readonly jobs: number;
  /** The file that named them, as the user did. */
  readonly list: string;
  readonly packages: readonly string[];
  readonly options: TrialOptions;
}

export interface SeatOrder {
  /** From 0. */
  readonly seat: number;
  readonly version: string;
  readonly jobs: number;
}

/** An agent that has come to a run. */
export interface TrialsSeated {
  readonly seat: number;
  /** Of its machine, for people. */
  readonly name: string;
}

export interface TrialOrder {
  readonly package: string;
  /** How many packages it may be trying at a time. */
  readonly jobs: number;
  readonly options: TrialOptions;
}

/** What a trial came to. */
export interface Trial {
  readonly findings: readonly Finding[];
  readonly durationMs: number;
}

/** Who has done it. */
export interface Tried extends Trial {
  readonly agent: string;
  /** The agents that had it before, and were lost. */
  readonly lost: readonly string[];
}

/** What all of it came to: the outcomes of the trials are in the history of the run, which is read as it grows. */
export type TrialsOutcome =
  | { readonly type: 'ended' }
  /** A signal has ended it. */
  | { readonly type: 'stopped'; readonly by: string }
  /** Nobody is there who could try the rest. */
  | { readonly type: 'deserted'; readonly why: string }
  /** Before anything was tried: what makes that a usage error. */
  | { readonly type: 'refused'; readonly why: readonly string[] };

/** The failure by which an agent says that its operator does not allow it. */
export const REFUSED = 'refused';

/** What any agent of the pool does. */
export interface TrialSeatActivities {
  /** Holds a seat of the run, and serves its queue, until the run is over. It fails if the agent leaves. */
  attendTrials(order: SeatOrder): Promise<void>;
}

/** What those that have a seat do. */
export interface TrialActivities {
  tryPackage(order: TrialOrder): Promise<Tried>;
}

/** Who had a trial before: each agent that has it tells all of them, and itself. */
export function lostBefore(told: unknown, attempt: number): string[] {
  const names = Array.isArray(told) ? told.filter((name) => typeof name === 'string') : [];
  // It may have been lost before it could tell anything.
  return names.length > 0 || attempt === 1 ? names : ['an agent'];
}
