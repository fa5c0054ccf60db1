import { rmSync } from 'node:fs';

/** What the system says of a path on which something else has come to stand. */
const ELSEWHERE = new Set(['ENOTDIR', 'ELOOP']);

/** Removes a file or a folder with all that is in it, if it is there. */
export function removeIfThere(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (!ELSEWHERE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
