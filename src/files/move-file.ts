import { copyFileSync, renameSync, rmSync } from 'node:fs';

/**
 * Moves a file, also to another file system: there it is copied beside its place first, so that what is in its place is
 * whole at any time.
 *
 * @throws the file system's error when it cannot be written there
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
