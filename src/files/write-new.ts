import { rmSync, writeFileSync } from 'node:fs';

/**
 * Writes a file that does not exist yet, whole or not at all. A link in its place is left alone, wherever it leads.
 *
 * @throws a system error; then nothing is left behind
 */
export function writeNew(path: string, content: string): void {
  try {
    writeFileSync(path, content, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(path, { force: true });
    throw error;
  }
}
