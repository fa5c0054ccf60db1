import { constants, copyFileSync, existsSync, fstatSync } from 'node:fs';

/**
 * Makes a file anew whose path somebody has removed while it is still open here: `git clean` in a component, say.
 *
 * @param fd open on the file, which still has all that was written to it
 * @param path absolute path that it was opened by, in a folder that is there; whatever has come to be there is left alone
 * @returns whether it was gone, and is there again; never where there is no /proc
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
