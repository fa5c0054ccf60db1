/** Which Node.js a package says it needs: pure. */
import { satisfies } from 'semver';
import type { Manifest } from './installed-package.ts';

/**
 * Read as npm reads it when it installs: of `engines` that are no range nobody is let through, and a preview of a version
 * counts as that version.
 *
 * @param running the version of Node in use
 * @returns the range that it needs, in its words; null when it says none, or this one is within
 */
export function neededNode({ engines }: Manifest, running: string): string | null {
  const range: unknown = engines?.node;
  if (typeof range !== 'string' || range === '') return null;
  return satisfies(running, range, { includePrerelease: true }) ? null : range;
}
