/** The content of a first config, and what is known about it. */
import type { SetupOptions, SuiteOptions } from '../config/options.ts';

/** A question for the user. */
export interface Question {
  /** Identifies its answer. */
  readonly id: string;
  readonly text: string;
  /** The first one is used if nobody is asked. */
  readonly options: readonly string[];
}

/** The indexes of the chosen options, by the ids of the questions. */
export type Answers = Readonly<Record<string, number>>;

/** Why a setup step needs permission: it takes long and needs the network, or it changes a database. */
export type Weight = 'install' | 'data';

/** A setup step, with what is known about it. */
export interface Step {
  readonly options: SetupOptions;
  readonly weight: Weight | null;
}

/** The requests to a server while it is tried. */
export interface ServerTrial {
  /** Paths that may answer, the likeliest first. */
  readonly paths: readonly string[];
  /** The client is the built-in one, which gets the path and status that the trial saw. */
  readonly isLoad: boolean;
}

/** Something that was found, and what follows from it. */
export interface Sighting {
  readonly what: string;
  readonly text: string;
}

export interface Proposal {
  readonly suite: SuiteOptions;
  /** Comments above options, by path: `components.http.server`. */
  readonly comments: Readonly<Record<string, string>>;
  /** What is written instead of options, in TypeScript, by path. Without any, the text means exactly the suite. */
  readonly expressions?: Readonly<Record<string, string>>;
  readonly seen: readonly Sighting[];
  /** What the user should know: printed, and written at the top of the config. */
  readonly notes: readonly string[];
  readonly questions: readonly Question[];
  /** Commands of the setup that are not run for a trial unless the user agrees. */
  readonly weighty: readonly { readonly run: string; readonly weight: Weight }[];
  /** Components with a server. */
  readonly trials: Readonly<Record<string, ServerTrial>>;
  /** Components that are optional by convention: one that fails is not run unless it is named. */
  readonly extras: readonly string[];
  /** Components that cannot be tried yet; a note says why. */
  readonly untried?: readonly string[];
  /** The user's best next step, if that is not to run it. */
  readonly next?: string;
  /** What is missing for there to be anything to try; null if there is something. */
  readonly lacking: string | null;
}
