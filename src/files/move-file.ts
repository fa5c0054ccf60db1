import { copyFileSync, renameSync, rmSync } from 'node:fs';

/**
 * Moves a file, also across file systems. Then it is copied next to its destination and renamed, so that the
 * destination never holds half a file.
 *
 * @throws the file system's error when the destination cannot be written
 */
export function moveFile(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const draft = `${to}.${process.pid}`;
    copyFileSync(from, draft);
    renameSync(draft, to);
    rmSync(from, { force: true });
  }
}
