import { rmSync, writeFileSync } from 'node:fs';

/**
 * Writes a file that is not there yet, whole or not at all. A link in its place is left alone, wherever it leads.
 *
 * @throws an error of the system; what was begun is gone then
 */
export function writeNew(path: string, content: string): void {
  try {
    writeFileSync(path, content, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(path, { force: true });
    throw error;
  }
}
