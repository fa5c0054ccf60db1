/** What git ignores: a clone of the project does not have it. */
import { execFileSync } from 'node:child_process';
import type { Tree } from './tree.ts';

export function isIgnored(path: string, tree: Tree): boolean {
  try {
    execFileSync('git', ['check-ignore', '--quiet', '--', path], { cwd: tree.root, stdio: 'ignore' });
    return true;
  } catch {
    // Not ignored, no repository, or no git.
    return false;
  }
}
