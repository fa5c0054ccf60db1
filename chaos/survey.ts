/**
 * Looks for processes of a trial by means that the product does not use: the marker file that they hold open, the
 * log of births, their own pid files, and the folder that they work in or name on their command line. A process that
 * forks on faster than /proc can be read is known by the pipe `life`, which ends when the last one has.
 */
import { readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Birth, bornAmong, readBirths } from './births.ts';
import { Bound } from './bound.ts';
import {
  commandOf,
  folderOf,
  type Id,
  openFiles,
  runningSince,
  type Stat,
  sameId,
  signal,
  waitedMs,
} from './proc.ts';
import type { Stage } from './stage.ts';

export interface Survivor extends Id {
  readonly command: string;
  /** By what it was recognised. */
  readonly by: readonly string[];
}

/** How long it took until nobody was left. */
export interface Clearance {
  /** Who was there at the first look. */
  readonly lingered: readonly Survivor[];
  /** Who was there at the last. */
  readonly survivors: readonly Survivor[];
  /** When nobody was there any more, in ms; 0 when the first look saw nobody, null when somebody stayed. */
  readonly afterMs: number | null;
}

/** Forks on faster than anybody can look; no process has this pid. */
const UNSEEN: Survivor = { pid: -1, startTicks: -1, command: 'somebody who was never seen', by: ['life'] };

/** What whoever is born on a stage holds open. */
const STAGE_FILES = ['marker', 'births', 'life'];

const POLL = 10;

export class Survey {
  readonly #stage: Stage;
  readonly #since: number;
  readonly #pidFiles: readonly string[];
  readonly #except: ReadonlySet<string>;

  /**
   * @param stage where the processes were born; no link is in its folder's path
   * @param since ticks; what is older cannot belong
   * @param pidFiles of daemons, relative to the folder
   * @param except who was there before, and has its reasons
   */
  constructor(stage: Stage, since: number, pidFiles: readonly string[] = [], except: readonly Id[] = []) {
    this.#stage = stage;
    this.#since = since;
    this.#pidFiles = pidFiles;
    this.#except = new Set(except.map(sameId));
  }

  /** Who is there and was to be ended. */
  look(): Survivor[] {
    const births = readBirths(this.#stage.births);
    const beyond = new Set(this.unendable().map(sameId));
    const table = this.#table().filter((stat) => !beyond.has(sameId(stat)));
    const born = new Set(this.#bornHere(table, births));
    const named = new Set(this.#pidFiles.flatMap((file) => this.#pidIn(file)));
    return table.flatMap((stat) => {
      const by = this.#marksOf(stat);
      if (born.has(stat)) by.push('births');
      if (named.has(stat.pid) && by.length > 0) by.push('pid file');
      return by.length === 0 ? [] : [{ ...stat, command: commandOf(stat.pid), by }];
    });
  }

  /** Who is there and may not be ended by Shakedown. */
  unendable(): Stat[] {
    const role = this.#stage.unendable?.role;
    if (role === undefined) return [];
    return this.#bornHere(
      this.#table(),
      readBirths(this.#stage.births).filter((birth) => birth.role === role),
    );
  }

  /** Two stages' namespaces can give the same pid within the same tick: who holds another stage's files was born there. */
  #bornHere(table: readonly Stat[], births: readonly Birth[]): Stat[] {
    const own = this.#files();
    const isFromElsewhere = ({ pid }: Stat): boolean => {
      const held = openFiles(pid).filter((file) => STAGE_FILES.includes(basename(file)));
      return held.length > 0 && !held.some((file) => own.includes(file));
    };
    return bornAmong(table, births).filter((stat) => !isFromElsewhere(stat));
  }

  #files(): string[] {
    return STAGE_FILES.map((name) => join(this.#stage.folder, name));
  }

  #table(): Stat[] {
    return runningSince(this.#since).filter((stat) => !this.#except.has(sameId(stat)));
  }

  #marksOf({ pid }: Stat): string[] {
    const { folder } = this.#stage;
    const own = this.#files();
    const by: string[] = [];
    if (openFiles(pid).some((file) => own.includes(file))) by.push('marker');
    const below = folderOf(pid);
    if (below === folder || below?.startsWith(`${folder}/`) === true) by.push('folder');
    if (commandOf(pid).includes(`${folder}/`)) by.push('command');
    return by;
  }

  #pidIn(file: string): number[] {
    try {
      return [Number.parseInt(readFileSync(join(this.#stage.folder, file), 'utf8'), 10)];
    } catch {
      return [];
    }
  }

  /**
   * Looks until nobody is seen twice in a row.
   *
   * @param from when they were to be gone, on the clock of `performance.now()`
   * @param limit ms after that
   */
  async untilNobody(from: number, limit: number): Promise<Clearance> {
    const lingered = this.everybody();
    const bound = new Bound(limit);
    bound.see(lingered, waitedMs, true);
    let clearedAt = lingered.length === 0 ? from : undefined;
    for (;;) {
      await delay(POLL);
      const survivors = this.everybody();
      const now = performance.now();
      bound.see(survivors, waitedMs, false);
      if (survivors.length > 0) clearedAt = undefined;
      else if (clearedAt !== undefined) return { lingered, survivors, afterMs: clearedAt - from };
      else clearedAt = now;
      if (survivors.length > 0 && bound.isOver(now - from)) return { lingered, survivors, afterMs: null };
    }
  }

  /** Whoever is seen; or somebody unseen, who holds the pipe. */
  everybody(): readonly Survivor[] {
    const seen = this.look();
    return seen.length === 0 && this.#stage.isAlive() ? [UNSEEN] : seen;
  }

  /** Ends those whom Shakedown could not. */
  async endUnendable(): Promise<void> {
    const { unendable } = this.#stage;
    if (unendable === undefined) return;
    unendable.release(this.#stage);
    await this.#endEach(() => this.unendable());
    unendable.remove(this.#stage);
  }

  /** Ends all that is there, hoppers and respawners included: these give up after some seconds. */
  async endAll(): Promise<void> {
    await this.#endEach(() => this.everybody());
  }

  async #endEach(look: () => readonly Id[]): Promise<void> {
    for (let round = 0; round < 1500; round++) {
      const left = look();
      if (left.length === 0) return;
      for (const one of left) signal(one, 'SIGKILL');
      await delay(POLL);
    }
    throw new Error(`${this.#stage.folder}: processes that cannot be ended`);
  }
}

/** Removes a folder that somebody may still have written to a moment ago. */
export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
