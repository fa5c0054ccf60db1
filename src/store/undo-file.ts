/**
 * `undos.ndjson` in a run's folder: what is to be undone if the run cannot do so itself. A line is written before the
 * deed that it undoes, and another one once it has been carried out. It has whole environments in it, secrets included,
 * so nobody else may read it, and it is removed as soon as nothing is left to undo.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { MachineTrouble, troubleOf } from '../core/failure.ts';
import type { OwnershipTier } from '../core/ownership.ts';
import type { Environment } from '../core/suite.ts';
import type { Undo, UndoFailure } from '../core/undo.ts';
import { removeIfThere } from '../files/remove.ts';
import { PRIVATE_FILE } from './ours.ts';
import { putBack } from './put-back.ts';

/** What else is needed to carry it out after the run. */
export interface UndoTerms {
  /** How its processes are held together. */
  readonly tier: OwnershipTier;
  /** Variables whose values are secrets, whatever their names sound like. */
  readonly secrets: readonly string[];
}

type Line =
  | { readonly type: 'registered'; readonly id: string; readonly undo: Undo; readonly terms: UndoTerms }
  | { readonly type: 'learned'; readonly id: string; readonly env: Environment }
  | { readonly type: 'done'; readonly id: string }
  | { readonly type: 'failed'; readonly id: string; readonly failure: UndoFailure };

/** An undo that nobody has carried out with success. */
export interface LeftUndo {
  readonly id: string;
  readonly undo: Undo;
  readonly terms: UndoTerms;
  /** Of the last try; undefined if there was none, or if it was cut off. */
  readonly failure: UndoFailure | undefined;
}

export const undosPath = (run: string): string => join(run, 'undos.ndjson');

export class UndoFile {
  /** For whoever needs it after its path is gone. */
  readonly fd: number;
  readonly #path: string;

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.fd = fd;
  }

  /**
   * @param path absolute; an existing file is continued
   * @throws the file system's error
   */
  static open(path: string): UndoFile {
    return new UndoFile(path, openSync(path, 'a', PRIVATE_FILE));
  }

  /** One call of the system writes the line, and a line that was cut off does not spoil the next one. */
  #write(line: Line): void {
    const bytes = Buffer.from(`\n${JSON.stringify(line)}\n`);
    if (writeSync(this.fd, bytes) < bytes.length)
      throw Object.assign(new Error('ENOSPC: only a part could be written'), { code: 'ENOSPC' });
  }

  /**
   * @param id unique within the run
   * @throws MachineTrouble when it cannot be written down: then the deed must not begin
   */
  register(id: string, undo: Undo, terms: UndoTerms): void {
    try {
      this.#write({ type: 'registered', id, undo, terms });
    } catch (error) {
      const trouble = troubleOf(error);
      throw new MachineTrouble(
        `the ${undo.title} cannot be written to ${this.#path} (${trouble?.cause ?? (error as Error).message}), and nothing is done that could not be undone`,
        trouble?.remedy ?? 'see why the file cannot be written',
      );
    }
  }

  /** Adds variables to the environment of one. */
  learned(id: string, env: Environment): void {
    this.#note({ type: 'learned', id, env });
  }

  done(id: string): void {
    this.#note({ type: 'done', id });
  }

  failed(id: string, failure: UndoFailure): void {
    this.#note({ type: 'failed', id, failure });
  }

  #note(line: Line): void {
    try {
      this.#write(line);
    } catch {
      // At worst it is carried out once more.
    }
  }

  /** Restores a file that was removed. */
  restore(): void {
    putBack(this.fd, this.#path);
  }

  /** @param isNeeded whether something in it is still to be undone */
  close(isNeeded: boolean): void {
    if (!isNeeded) removeIfThere(this.#path);
    closeSync(this.fd);
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

const isEnvironment = (value: unknown): value is Environment =>
  typeof value === 'object' && value !== null && isTexts(Object.values(value));

function isUndo(value: unknown): value is Undo {
  const { kind, name, title, command, cwd, env, timeout } = value as Partial<Undo>;
  const isCommand =
    command?.type === 'shell'
      ? isText(command.line)
      : command?.type === 'argv' && isTexts(command.argv) && command.argv.length > 0;
  return (
    (kind === 'undo' || kind === 'teardown') &&
    isTexts([name, title, cwd]) &&
    isCommand &&
    isEnvironment(env) &&
    Number.isFinite(timeout)
  );
}

/** @throws TypeError for some that are none */
function isLine(value: unknown): value is Line {
  const line = value as Line;
  if (!isText(line.id)) return false;
  switch (line.type) {
    case 'registered':
      return isUndo(line.undo) && isText(line.terms.tier) && isTexts(line.terms.secrets);
    case 'learned':
      return isEnvironment(line.env);
    case 'done':
      return true;
    case 'failed':
      return isText(line.failure.message);
    default:
      return false;
  }
}

function lineOf(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as unknown;
    return isLine(line) ? line : undefined;
  } catch {
    // Cut off, by a full disk or the end of the run: then what it would have undone has not begun.
    return undefined;
  }
}

/** What is no line of ours is skipped. */
const linesOf = (path: string): Line[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text) => lineOf(text) ?? []);

/**
 * @param path absolute path of a file that is trusted
 * @returns what is left to undo, in the order in which it should be: the latest first; nothing if there is no such file
 */
export function readUndos(path: string): LeftUndo[] {
  const left = new Map<string, LeftUndo>();
  try {
    for (const line of linesOf(path)) {
      const known = left.get(line.id);
      if (line.type === 'registered') left.set(line.id, { ...line, failure: undefined });
      else if (line.type === 'done') left.delete(line.id);
      else if (known === undefined) continue;
      else if (line.type === 'failed') left.set(line.id, { ...known, failure: line.failure });
      else {
        const env = { ...known.undo.env, ...line.env };
        left.set(line.id, { ...known, undo: { ...known.undo, env } });
      }
    }
  } catch {
    // There is none.
  }
  return [...left.values()].reverse();
}
