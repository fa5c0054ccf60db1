/** The Node.js version that a package requires. */
import { satisfies } from 'semver';
import type { Manifest } from './installed-package.ts';

/**
 * Reads `engines` as npm does on install: no version satisfies an invalid range, and a prerelease counts as its
 * release.
 *
 * @param running the version of Node in use
 * @returns the range as written; null if there is none, or `running` satisfies it
 */
export function neededNode({ engines }: Manifest, running: string): string | null {
  const range: unknown = engines?.node;
  if (typeof range !== 'string' || range === '') return null;
  return satisfies(running, range, { includePrerelease: true }) ? null : range;
}
