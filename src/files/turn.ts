/**
 * Turns: of several programs that would do the same, one does, and the others wait. A turn is a link in a folder, whose
 * name counts up and whose target says who has it, so it comes into being with its holder's name, or not at all.
 *
 * Numbers are never used again while anybody could have seen them: the link of a turn that is over stays, with another
 * target, until there is a later one. Otherwise whoever has seen that a holder is dead, and is slow, could take away the
 * turn of the next, which has the name of the first.
 */
import { readdirSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** The target of a turn that is over. */
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
    const holder = readlinkSync(path);
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

/** @returns whether this very link was made */
function make(path: string, holder: string): boolean {
  try {
    symlinkSync(holder, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Takes a turn, or finds who has it.
 *
 * @param stem absolute path, without an ending, of what the turns are about; its folder exists, and is ours alone
 * @param self what others are told who has the turn; not `over`
 * @param lives whether a holder may still be at it
 * @returns the turn, or the one who has it
 * @throws the file system's error where there are no links
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
  const over = `${path}.${self}`;
  try {
    symlinkSync(OVER, over);
    renameSync(over, path);
  } catch {
    // Its holder will be seen to be gone.
  }
}
