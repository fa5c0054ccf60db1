import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a folder must hold to be taken for one of ours, whose files may be replaced. */
export interface Ours {
  /** The name of a file, and how it begins. */
  readonly marker: { readonly name: string; readonly start: string };
  readonly isOurs: (name: string) => boolean;
}

/**
 * Why files must not be put into a folder, and those in it not be replaced. Links are never followed.
 *
 * @param folder an absolute path
 * @returns nothing if it does not exist, is empty, or holds nothing but our files; else what follows its name
 */
export function foreignIn(folder: string, { marker, isOurs }: Ours): string | undefined {
  try {
    const found = lstatSync(folder, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (!found.isDirectory()) return found.isSymbolicLink() ? 'is a link' : 'is no folder';
    // Its owner can read what root puts there, whatever the permissions.
    if (found.uid !== (process.geteuid?.() ?? found.uid)) return 'belongs to another user';
    const entries = readdirSync(folder, { withFileTypes: true });
    const foreign = entries.find((entry) => !entry.isFile() || !isOurs(entry.name));
    if (foreign !== undefined) return `holds other things, such as ${foreign.name}`;
    if (entries.length === 0) return undefined;
    const isMarked =
      entries.some(({ name }) => name === marker.name) &&
      readFileSync(join(folder, marker.name), 'utf8').startsWith(marker.start);
    return isMarked ? undefined : `holds other things, such as ${entries[0]?.name}`;
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`;
  }
}
