import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The `node_modules/.bin` folders of a folder and its parents, nearest first, as npm puts them on the PATH. */
export function binFolders(from: string): string[] {
  const parent = dirname(from);
  const above = parent === from ? [] : binFolders(parent);
  const own = join(from, 'node_modules', '.bin');
  return existsSync(own) ? [own, ...above] : above;
}
