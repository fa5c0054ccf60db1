import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Creates a folder and its missing parents.
 *
 * Not `mkdirSync` with `recursive`, which never returns where the system denies that an existing folder exists, as in
 * /proc.
 *
 * @param path an absolute path
 * @throws the file system's error when a folder cannot be created
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another run may have created it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
