/**
 * Turns: of several programs that would do the same, one does, and the others wait. A turn is a file whose name counts
 * up and whose content names the holder. It is written under another name and then linked, so it appears with its
 * holder's name or not at all. (A dangling symbolic link would take one step less, but test runners that walk through a
 * project, `node --test` among them, fail on one.)
 *
 * Numbers are never reused while anybody could have seen them: the file of a finished turn stays, with other content,
 * until there is a later one. Otherwise a slow process that saw a dead holder could take away the turn of the next one,
 * whose file has the same name.
 */
import { linkSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** The content of a finished turn. */
const OVER = 'over';

/** A turn that we hold. */
export interface Turn {
  readonly end: () => void;
}

const nameOf = (stem: string, number: number): string => `${stem}.turn-${number}`;

/** The numbers of all visible turns. */
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
    // Someone else did.
  }
}

/** A name that is not a turn's, and unique to this process. */
const draftOf = (path: string, self: string): string => `${path}.${self}.${process.pid}`;

/** @returns whether this call made the file */
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
 * Takes a turn, or finds its holder.
 *
 * @param stem absolute path, without extension, of what the turns are about; its folder exists, and is ours alone
 * @param self what identifies us as the holder; not `over`
 * @param lives whether a holder may still be active
 * @returns the turn, or its holder
 * @throws the file system's error where there are no hard links, or nothing can be written
 */
export function takeTurn(stem: string, self: string, lives: (holder: string) => boolean): Turn | string {
  for (;;) {
    const last = Math.max(0, ...numbers(stem));
    const holder = last === 0 ? undefined : holderOf(nameOf(stem, last));
    if (holder !== undefined && lives(holder)) return holder;
    const own = nameOf(stem, last + 1);
    if (!make(own, self)) continue;
    const all = numbers(stem);
    // The listing was stale: this number had been used before.
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
    // Others will see that its holder is gone.
  }
}
