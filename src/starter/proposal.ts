/** What a first config is to say, and what is to be known of it. */
import type { SetupOptions, SuiteOptions } from '../config/options.ts';

/** What a person may be asked. */
export interface Question {
  /** By which its answer is known. */
  readonly id: string;
  readonly text: string;
  /** The first is what is taken where nobody is asked. */
  readonly options: readonly string[];
}

/** The places of the options that were chosen, by the ids of the questions. */
export type Answers = Readonly<Record<string, number>>;

/** What a setup step does that one asks for before it is done: it takes long and a network, or it changes a database. */
export type Weight = 'install' | 'data';

/** A step with what has to be known of it. */
export interface Step {
  readonly options: SetupOptions;
  readonly weight: Weight | null;
}

/** What is to be asked of a server while it is tried. */
export interface ServerTrial {
  /** Paths that may answer, the likeliest first. */
  readonly paths: readonly string[];
  /** The client is the built-in one, and its path and status are what the trial has seen. */
  readonly isLoad: boolean;
}

/** Something that was found, and what is made of it. */
export interface Sighting {
  readonly what: string;
  readonly text: string;
}

export interface Proposal {
  readonly suite: SuiteOptions;
  /** What stands above an option, by its path: `components.http.server`. */
  readonly comments: Readonly<Record<string, string>>;
  readonly seen: readonly Sighting[];
  /** What a person should know: told, and written at the top of the config. */
  readonly notes: readonly string[];
  readonly questions: readonly Question[];
  /** Steps of the setup that are not carried out for a trial unless somebody agrees: their commands. */
  readonly weighty: readonly { readonly run: string; readonly weight: Weight }[];
  /** Components with a server. */
  readonly trials: Readonly<Record<string, ServerTrial>>;
  /** Components that the project gets along without, by convention: one that fails is not run unless it is named. */
  readonly extras: readonly string[];
  /** What it would take to have anything to try; empty where there is something. */
  readonly lacking: string | null;
}
