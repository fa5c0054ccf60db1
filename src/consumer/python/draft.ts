/** Virtual environments in the cache: their programs know their own path, so that none can be moved to its place. */
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** Has the final name of a folder lead to a finished draft beside it, atomically, whatever it led to before. */
export function placeDraft(draft: string, folder: string): void {
  const link = `${draft}.link`;
  symlinkSync(basename(draft), link);
  try {
    renameSync(link, folder);
  } catch {
    rmSync(folder, { recursive: true, force: true });
    renameSync(link, folder);
  }
}
