/** Decides what is run next: by which files have changed, and what is asked for. */
import { relative } from 'node:path';
import { nameFew } from '../../core/few.ts';
import { plural } from '../../core/units.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { Round } from '../../engine/watched.ts';
import type { Concern } from './concern.ts';

/** How many changed files are named. */
const NAMED = 3;

/** In milliseconds: how far a file's time may be behind the clock. */
export const STAMPED_WITHIN = 20;

export type Wish = 'all' | 'failed' | 'again';

export interface Surroundings {
  /** Absolute path of the folder that is watched. */
  readonly root: string;
  /** Names of all components that were chosen. */
  readonly components: readonly string[];
  /** Whether the suite itself is another one after a change of that file. */
  readonly isConfig: (path: string) => boolean;
  readonly concernOf: (paths: readonly string[]) => Promise<Concern>;
  /** When a file was written last, in milliseconds since 1970; undefined if it has been removed. */
  readonly writtenAt: (path: string) => number | undefined;
  /** Milliseconds since 1970, as `writtenAt` counts them. */
  readonly now: () => number;
  readonly tell: (line: string) => void;
  /**
   * Says that a round has ended, but only after `STAMPED_WITHIN`: what is edited by somebody who has seen that is not taken for
   * written during the round.
   */
  readonly tellEnd: () => Promise<void>;
}

/** After so many rounds for what changed in the one before, whatever changes in the next is taken for output. */
const MOST_IN_A_ROW = 3;

export class Rounds {
  readonly #around: Surroundings;
  #verdicts: ReadonlyMap<string, Verdict> = new Map();
  #last: readonly string[];
  /** Whether a round is under way; at first one is. */
  #isRunning = false;
  #startedAt = 0;
  /** The changed files for which it is run. */
  #causes = new Set<string>();
  #endedAt = 0;
  /** What has changed while nothing ran, or while the last round did. */
  #edited = new Set<string>();
  #meanwhile = new Set<string>();
  /** What every round writes. */
  readonly #written = new Set<string>();
  /** How many rounds in a row were run for what changed during the one before. */
  #inARow = 0;
  #isReloading = false;
  #isWaiting = false;
  #isOver = false;
  #wake: () => void = () => {};
  #wish: Wish | undefined = 'all';

  constructor(around: Surroundings) {
    this.#around = around;
    this.#last = around.components;
  }

  /** Whether it has ended since the suite has to be read again. */
  get isReloading(): boolean {
    return this.#isReloading;
  }

  /** Whether it has ended since somebody wanted it to. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Somebody wants it to end. @returns whether it does: not while something runs, which has to be interrupted */
  quit(): boolean {
    if (!this.#isWaiting || this.#isOver) return false;
    this.#isOver = true;
    this.#wake();
    return true;
  }

  /** A key asks for something; what runs is finished first. */
  ask(wish: Wish): void {
    if (this.#isRunning) return;
    this.#wish = wish;
    this.#wake();
  }

  /** @param paths absolute, of files that were written, made or removed */
  changed(paths: readonly string[]): void {
    for (const path of paths) {
      if (this.#around.isConfig(path)) this.#isReloading = true;
      else if (!this.#isKnown(path)) (this.#isOfRound(path) ? this.#meanwhile : this.#edited).add(path);
    }
    if (!this.#isRunning) this.#wake();
  }

  /** Whether it is noticed once more although the round that runs is for it already. */
  #isKnown(path: string): boolean {
    const at = this.#around.writtenAt(path);
    return (
      this.#isRunning && this.#causes.has(path) && at !== undefined && at < this.#startedAt - STAMPED_WITHIN
    );
  }

  /** Whether it was written while the last round ran, or is being written by this one. */
  #isOfRound(path: string): boolean {
    if (this.#isRunning) return true;
    const at = this.#around.writtenAt(path);
    return at !== undefined && at >= this.#startedAt && at <= this.#endedAt;
  }

  /** The last round has ended: waits for the next. Undefined when the suite has to be read again, or somebody wants it to end. */
  readonly next = async (verdicts: ReadonlyMap<string, Verdict>): Promise<Round | undefined> => {
    this.#isWaiting = true;
    const round = await this.#await(verdicts);
    this.#isWaiting = false;
    return round;
  };

  async #await(verdicts: ReadonlyMap<string, Verdict>): Promise<Round | undefined> {
    this.#verdicts = verdicts;
    this.#isRunning = false;
    this.#endedAt = this.#around.now();
    if (this.#startedAt > 0) await this.#around.tellEnd();
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      if (this.#isReloading || this.#isOver) return undefined;
      const round = await this.#choose();
      if (round !== undefined) {
        this.#last = round.components;
        this.#isRunning = true;
        this.#startedAt = this.#around.now();
        return round;
      }
      await woken;
    }
  }

  async #choose(): Promise<Round | undefined> {
    const wish = this.#wish;
    this.#wish = undefined;
    if (wish !== undefined) return this.#wished(wish);
    const edited = [...this.#edited];
    const meanwhile = this.#editedMeanwhile(edited.length === 0);
    this.#edited.clear();
    this.#meanwhile.clear();
    if (edited.length === 0 && meanwhile.length === 0) return undefined;
    const concern = await this.#around.concernOf([...edited, ...meanwhile]);
    if (concern.components.length === 0) return undefined;
    this.#inARow = edited.length === 0 ? this.#inARow + 1 : 0;
    this.#causes = new Set([...edited, ...meanwhile]);
    return { ...concern, because: `${this.#name([...edited, ...meanwhile])} changed` };
  }

  /**
   * What has changed while the components ran, without what they write themselves. Whoever edits meanwhile gets another round. That it
   * is for output shows when that round changes the same files again, or others every time: it must not go on like that for ever.
   */
  #editedMeanwhile(isAlone: boolean): string[] {
    const changed = [...this.#meanwhile].filter((path) => !this.#written.has(path));
    const isOutput = (path: string): boolean =>
      isAlone && this.#inARow > 0 && (this.#causes.has(path) || this.#inARow >= MOST_IN_A_ROW);
    const output = changed.filter(isOutput);
    for (const path of output) this.#written.add(path);
    if (output.length > 0)
      this.#around.tell(
        `${this.#name(output)} changed again while the components ran: taken for their output`,
      );
    return changed.filter((path) => !isOutput(path));
  }

  #wished(wish: Wish): Round | undefined {
    const { components, tell } = this.#around;
    const failed = components.filter((name) => this.#verdicts.get(name) !== 'passed');
    const chosen = { all: components, failed, again: this.#last }[wish];
    if (chosen.length === 0) {
      tell('nothing has failed');
      return undefined;
    }
    this.#edited.clear();
    this.#meanwhile.clear();
    this.#inARow = 0;
    this.#causes.clear();
    const isFirst = this.#verdicts.size === 0;
    const because = isFirst
      ? ''
      : wish === 'failed'
        ? `what failed: ${plural(chosen.length, 'component')}`
        : wish;
    return { components: chosen, renew: [], because };
  }

  #name(paths: readonly string[]): string {
    return nameFew(
      paths.map((path) => relative(this.#around.root, path)),
      NAMED,
    );
  }
}
