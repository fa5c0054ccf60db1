import { constants, copyFileSync, existsSync, fstatSync } from 'node:fs';

/**
 * Restores a file that was removed while we have it open, by `git clean` in a component for instance.
 *
 * @param fd open on the file, which still has all that was written to it
 * @param path absolute path that it was opened by, in an existing folder; whatever is there now is left alone
 * @returns whether it was gone and has been restored; never where there is no /proc
 */
export function putBack(fd: number, path: string): boolean {
  if (existsSync(path)) return false;
  try {
    if (!fstatSync(fd).isFile()) return false;
    copyFileSync(`/proc/self/fd/${fd}`, path, constants.COPYFILE_EXCL);
    return true;
  } catch {
    return false;
  }
}
