/** What undoes something that a run does outside of its own processes, as plain data. */
import type { Command, Environment } from './suite.ts';
import type { Ms } from './units.ts';

export interface Undo {
  /** A teardown step is carried out even if nothing was done. */
  readonly kind: 'undo' | 'teardown';
  /** As events name it: of a setup step its name, of a service that too. */
  readonly name: string;
  /** As messages name it: `undo of setup "createdb"`. */
  readonly title: string;
  readonly command: Command;
  /** An absolute path. */
  readonly cwd: string;
  /** The complete environment. */
  readonly env: Environment;
  /** How long it may take. */
  readonly timeout: Ms;
}

/** The id of the owner of its processes. @param id of the undo, unique within the run */
export const undoOwner = ({ kind }: Pick<Undo, 'kind'>, id: string): string => `${id}/${kind}`;

/** Why an undo has failed. */
export interface UndoFailure {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** `undo of setup "createdb" exited with code 1: database "x" is being accessed` */
  readonly message: string;
}
