/**
 * Turns: of several programs that would do the same, one does, and the others wait. A turn is a file in a folder, whose
 * name counts up and whose content says who has it. It is written under another name and then linked, so it comes into
 * being with its holder's name, or not at all. (A symbolic link to nowhere would do in one step, but test runners that walk
 * through a project, `node --test` among them, fail on one.)
 *
 * Numbers are never used again while anybody could have seen them: the file of a turn that is over stays, with another
 * content, until there is a later one. Otherwise whoever has seen that a holder is dead, and is slow, could take away the
 * turn of the next, which has the name of the first.
 */
import { linkSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** The content of a turn that is over. */
const OVER = 'over';

/** A turn that is ours. */
export interface Turn {
  readonly end: () => void;
}

const nameOf = (stem: string, number: number): string => `${stem}.turn-${number}`;

/** The numbers of all turns that can be seen. */
function numbers(stem: string): number[] {
  const prefix = basename(nameOf(stem, 0)).slice(0, -1);
  return readdirSync(dirname(stem)).flatMap((name) => {
    const number = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    return /^[1-9]\d{0,14}$/.test(number) ? [Number(number)] : [];
  });
}

function holderOf(path: string): string | undefined {
  try {
    const holder = readFileSync(path, 'utf8');
    return holder === OVER ? undefined : holder;
  } catch {
    return undefined;
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another one has.
  }
}

/** A name that is nobody's number, and no other program's. */
const draftOf = (path: string, self: string): string => `${path}.${self}.${process.pid}`;

/** @returns whether this very file was made */
function make(path: string, holder: string): boolean {
  const draft = draftOf(path, holder);
  try {
    writeFileSync(draft, holder, { mode: 0o600 });
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    remove(draft);
  }
}

/**
 * Takes a turn, or finds who has it.
 *
 * @param stem absolute path, without an ending, of what the turns are about; its folder exists, and is ours alone
 * @param self what others are told who has the turn; not `over`
 * @param lives whether a holder may still be at it
 * @returns the turn, or the one who has it
 * @throws the file system's error where a file has one name only, or where nothing can be written
 */
export function takeTurn(stem: string, self: string, lives: (holder: string) => boolean): Turn | string {
  for (;;) {
    const last = Math.max(0, ...numbers(stem));
    const holder = last === 0 ? undefined : holderOf(nameOf(stem, last));
    if (holder !== undefined && lives(holder)) return holder;
    const own = nameOf(stem, last + 1);
    if (!make(own, self)) continue;
    const all = numbers(stem);
    // What was seen was old: there have been turns of this number already.
    if (Math.max(...all) > last + 1) {
      remove(own);
      continue;
    }
    for (const number of all) if (number <= last) remove(nameOf(stem, number));
    return { end: () => end(own, self) };
  }
}

function end(path: string, self: string): void {
  const draft = draftOf(path, self);
  try {
    writeFileSync(draft, OVER, { mode: 0o600 });
    renameSync(draft, path);
  } catch {
    // Its holder will be seen to be gone.
  }
}
