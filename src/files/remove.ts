import { rmSync, unlinkSync } from 'node:fs';

/** Errors of a path whose parent is no longer a folder. */
const ELSEWHERE = new Set(['ENOTDIR', 'ELOOP']);

/** Removes a file or a folder and its contents, if it exists. */
export function removeIfThere(path: string): void {
  try {
    // Nearly always it is a file; whatever else it is, is looked at.
    unlinkSync(path);
    return;
  } catch {}
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (!ELSEWHERE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
