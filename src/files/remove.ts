import { rmSync } from 'node:fs';

/** Errors of a path whose parent is no longer a folder. */
const ELSEWHERE = new Set(['ENOTDIR', 'ELOOP']);

/** Removes a file or a folder and its contents, if it exists. */
export function removeIfThere(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (!ELSEWHERE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
