/** The `shakedown up` of a project, as others see it: by its journal, and by its pid while it is there. */
import { dirname, resolve } from 'node:path';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Stamped } from '../../core/event.ts';
import { suggest } from '../../core/suggest.ts';
import { formatDuration } from '../../core/units.ts';
import { EXIT_CODES } from '../../core/verdict.ts';
import { isAlive } from '../../process/system/proc.ts';
import { advance, INITIAL_STATE, type RunState } from '../../report/state.ts';
import {
  latestRun,
  readUnfinishedRun,
  type UnfinishedRun,
  unfinishedRuns,
} from '../../store/earlier-runs.ts';
import { JournalReader } from '../../store/journal.ts';
import { purposeOf } from '../../store/run-directory.ts';
import { knownStates } from '../../store/state-folder.ts';
import { type Outcome, refuse } from '../outcome.ts';

/** Where to look, as given on the command line. */
export interface WhereFlags {
  readonly config?: string;
}

/** The folder that contains `.shakedown/`. */
export const rootOf = ({ config }: WhereFlags, cwd: string): string =>
  config === undefined ? cwd : dirname(resolve(cwd, config));

/** What a run holds, or has held, by its journal. */
export class Held {
  /** Absolute path of the run's folder. */
  readonly path: string;
  readonly #journal: JournalReader;
  #state: RunState = INITIAL_STATE;

  constructor(path: string) {
    this.path = path;
    this.#journal = new JournalReader(path);
  }

  /** What is known of it after the last look. */
  get state(): RunState {
    return this.#state;
  }

  /** @returns what has happened since the last look, each with the state after it */
  look(): { readonly event: Stamped; readonly state: RunState }[] {
    return this.#journal.events().map((event) => {
      this.#state = advance(this.#state, event);
      return { event, state: this.#state };
    });
  }

  close(): void {
    this.#journal.close();
  }
}

export class Holder extends Held {
  readonly run: UnfinishedRun;

  constructor(run: UnfinishedRun) {
    super(run.path);
    this.run = run;
  }

  /** Whether it is there, and a process of this machine and container: by pid and start time. */
  get isAlive(): boolean {
    return isAlive({ pid: this.run.pid, startTicks: this.run.notBefore });
  }

  /** Whether it goes on, wherever that is. */
  get isThere(): boolean {
    return this.isAlive || readUnfinishedRun(dirname(this.run.path), this.run.run)?.life === 'alive';
  }

  /** Asks it to end in order. */
  end(): void {
    if (this.isAlive) process.kill(this.run.pid, 'SIGTERM');
  }
}

/**
 * The one in the project, if there is one; nothing of what it did has been looked at.
 *
 * @param pid of the one that is meant; default: whichever is there
 */
export const holderIn = (root: string, pid?: number): Holder | undefined =>
  find(root, (run) => run.life === 'alive' && (pid ?? run.pid) === run.pid);

/** One that was killed, watchdog and all: what it held may still be there. */
export const killedIn = (root: string): Holder | undefined => find(root, ({ life }) => life === 'dead');

function find(root: string, isMeant: (run: UnfinishedRun) => boolean): Holder | undefined {
  const runs = knownStates(root).states.flatMap((state) => unfinishedRuns(state).unfinished);
  const found = runs.find((run) => isMeant(run) && isUp(run));
  return found === undefined ? undefined : new Holder(found);
}

/** The last one in the project, whatever has become of it. */
export function lastHeld(root: string): Held | undefined {
  const [last] = knownStates(root).states.flatMap((state) => latestRun(state, 'up') ?? []);
  return last === undefined ? undefined : new Held(last);
}

/** Not a service of a test, nor one that has not said yet what it holds. */
function isUp(run: UnfinishedRun): boolean {
  if (purposeOf(run.path) !== 'up') return false;
  const holder = new Holder(run);
  holder.look();
  holder.close();
  return holder.state.holds !== null;
}

/** Milliseconds since something happened in its run. */
export const ageOf = ({ startedAt }: RunState, elapsedMs: number): number =>
  Math.max(0, Date.now() - Date.parse(startedAt) - elapsedMs);

/** All that it has started, or will: those that wait for others are known by name only. */
export const knownTo = ({ holds, shared }: RunState): string[] => [
  ...new Set([...shared.map(({ name }) => name), ...(holds ?? [])]),
];

/** @param known what is up, or was */
export function notUp(name: string, known: readonly string[], verb: 'is' | 'was' = 'is'): Diagnostic {
  const near = suggest(name, known);
  const meant = near === undefined ? '' : `did you mean "${near}"? `;
  return { message: `"${name}" ${verb} not up`, hint: `${meant}there is ${known.join(', ')}` };
}

export const NOTHING_UP = 'nothing is up in this project';

/** Says so. It is no mistake, but not what was asked for either: like a run in which nothing ran. */
export function nothingUp(root: string): Outcome {
  refuse([nothingSeen(root)]);
  return { exitCode: EXIT_CODES.skipped };
}

/** Of another user's services, as after `sudo shakedown up`, nothing can be known. */
function nothingSeen(root: string): Diagnostic {
  const [refused] = knownStates(root).refused;
  if (refused !== undefined)
    return {
      message: `${NOTHING_UP} that can be seen: ${refused.message}, and nothing in it is used`,
      hint: `if that user has called \`shakedown up\`, call this as that user, too; ${refused.wayOut}`,
    };
  const killed = killedIn(root);
  const hint =
    killed === undefined
      ? '`shakedown up --detach` starts its services in the background; if its config is in another folder: --config FILE'
      : `run ${killed.run.run}, which was up, has been killed: \`shakedown down\` ends what it has left`;
  killed?.close();
  return { message: NOTHING_UP, hint };
}

/** Only one at a time: two would start the same services twice. */
export function alreadyUp(holder: Holder | undefined): Diagnostic {
  holder?.look();
  const names = (holder?.state.holds ?? []).join(', ');
  const by =
    holder === undefined
      ? ''
      : ` (pid ${holder.run.pid}, for ${formatDuration(ageOf(holder.state, 0))})${names === '' ? '' : `: ${names}`}`;
  return {
    message: `there is a \`shakedown up\` in this project already${by}`,
    hint: '`shakedown ps` shows what is up, and `shakedown down` ends it',
  };
}
