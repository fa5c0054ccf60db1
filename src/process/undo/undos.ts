/**
 * What a run does outside of its own processes is undone at its end, even if Shakedown is killed. How to use it:
 *
 *   const handle = context.undos.register({ kind: 'undo', name: 'db', title: 'undo of container "db"', … }, 'db');
 *   // Now do the deed. If it exports something that its undo needs: handle.learn({ CONTAINER_ID: '…' });
 *   // Later, either: nothing is left of it, you have seen to that yourself
 *   handle.done();
 *   // or: carry it out now
 *   await handle.carryOut();
 *
 * `register` throws (a `MachineTrouble`) when it cannot be written down: let that pass, and do not begin. Register first,
 * then act: a deed that is cut off half-way is undone as well, so the command must do no harm if there is nothing to undo
 * (`docker rm --force`, `dropdb --if-exists`). It may run twice, if the first try is cut off by SIGKILL.
 *
 * Whatever is neither done nor carried out by then, the engine carries out at the end of the run, the latest first, when
 * all services and components have ended; after SIGKILL of Shakedown the watchdog's reaper does, and if that is killed
 * too, the next run in the folder, or `shakedown sweep`. What has failed is told, and tried again only by `sweep`.
 */
import type { Environment } from '../../core/suite.ts';
import type { Undo, UndoFailure } from '../../core/undo.ts';
import type { UndoFile, UndoTerms } from '../../store/undo-file.ts';

/** Something registered. */
export interface UndoHandle {
  /** Adds variables to its environment. */
  readonly learn: (env: Environment) => void;
  /** Nothing is left to undo. */
  readonly done: () => void;
  /** Carries it out, once, however often this is called. @returns whether it succeeded */
  readonly carryOut: () => Promise<boolean>;
}

/** What whoever does something that has to be undone needs. */
export type UndoRegister = Pick<Undos, 'register'>;

/** What the engine does about them. */
export interface UndoMeans {
  /** Asked each time something is registered. */
  readonly terms: () => UndoTerms;
  /** Takes from the disk what it will need, since that may be full by then. */
  readonly reserve: (undo: Undo, id: string) => void;
  /** Carries one out, and tells everybody. @returns why it has failed, if it has */
  readonly carryOut: (undo: Undo, id: string) => Promise<UndoFailure | undefined>;
}

interface Entry {
  readonly id: string;
  undo: Undo;
  state: 'registered' | 'done' | 'failed';
  work: Promise<boolean> | undefined;
}

export class Undos {
  readonly #file: UndoFile;
  readonly #means: UndoMeans;
  readonly #entries: Entry[] = [];

  constructor(file: UndoFile, means: UndoMeans) {
    this.#file = file;
    this.#means = means;
  }

  /**
   * To be called before the deed.
   *
   * @param label names its log, `undo-LABEL.log`: something that the user has written or can count; valid as a file name
   * @throws MachineTrouble when it cannot be written down
   */
  register(undo: Undo, label: string): UndoHandle {
    const entry: Entry = { id: this.#idOf(undo, label), undo, state: 'registered', work: undefined };
    this.#means.reserve(undo, entry.id);
    this.#file.register(entry.id, undo, this.#means.terms());
    this.#entries.push(entry);
    return {
      learn: (env) => {
        entry.undo = { ...entry.undo, env: { ...entry.undo.env, ...env } };
        this.#file.learned(entry.id, env);
      },
      done: () => this.#done(entry),
      carryOut: () => this.#once(entry),
    };
  }

  #idOf({ kind }: Undo, label: string): string {
    const id = `${kind}-${label}`;
    const isTaken = (wanted: string): boolean => this.#entries.some((entry) => entry.id === wanted);
    if (!isTaken(id)) return id;
    let count = 2;
    while (isTaken(`${id}.${count}`)) count += 1;
    return `${id}.${count}`;
  }

  #done(entry: Entry): void {
    if (entry.state === 'done') return;
    entry.state = 'done';
    this.#file.done(entry.id);
  }

  #once(entry: Entry): Promise<boolean> {
    if (entry.state === 'done') return Promise.resolve(true);
    entry.work ??= this.#try(entry);
    return entry.work;
  }

  async #try(entry: Entry): Promise<boolean> {
    const failure = await this.#means.carryOut(entry.undo, entry.id);
    if (failure === undefined) {
      this.#done(entry);
      return true;
    }
    entry.state = 'failed';
    this.#file.failed(entry.id, failure);
    return false;
  }

  /** Carries out what nobody has, the latest first. */
  async carryOutAll(): Promise<void> {
    const next = (): Entry | undefined => this.#entries.findLast(({ state }) => state === 'registered');
    for (let entry = next(); entry !== undefined; entry = next()) await this.#once(entry);
  }

  /** Whether nothing is left to undo. */
  get isEmpty(): boolean {
    return this.#entries.every(({ state }) => state === 'done');
  }
}
