import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder, and those above it that are missing.
 *
 * Not `mkdirSync` with `recursive`: where the system says of a folder that is there that it is not, as it does
 * in /proc, that never returns.
 *
 * @param path an absolute path
 * @throws the file system's error when one of them cannot be made
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another run may have made it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
