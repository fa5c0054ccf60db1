import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The `node_modules/.bin` folders from a folder up to the root of the disk, nearest first: as npm sets the PATH. */
export function binFolders(from: string): string[] {
  const parent = dirname(from);
  const above = parent === from ? [] : binFolders(parent);
  const own = join(from, 'node_modules', '.bin');
  return existsSync(own) ? [own, ...above] : above;
}
