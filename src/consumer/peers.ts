/** The versions of its peer dependencies that a package can be given. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { maxSatisfying, minSatisfying, minVersion, validRange } from 'semver';
import { ok, type Result } from '../core/result.ts';
import type { CommandContext } from '../process/run-owned.ts';
import type { ConsumerFailure } from './failure.ts';
import type { Manifest } from './installed-package.ts';
import { runNpm } from './npm.ts';

export type PeerEnd = 'lowest' | 'highest';

/** A peer dependency, and the versions that its range allows. */
export interface Peer {
  readonly name: string;
  readonly range: string;
  readonly versions: readonly string[];
}

/** A range without a lower bound promises nothing: `*` does not mean that anybody has tried version 0.0.1. */
const hasLowest = (range: string): boolean => {
  const lowest = minVersion(range)?.version;
  return lowest !== undefined && lowest !== '0.0.0' && lowest !== '0.0.0-0';
};

/**
 * @returns what a consumer installs beside the package: `react@16.8.0`
 */
export function peersAt(end: PeerEnd, peers: readonly Peer[]): string[] {
  return peers.flatMap(({ name, range, versions }) => {
    const pick = end === 'lowest' && hasLowest(range) ? minSatisfying : maxSatisfying;
    const version = pick([...versions], range);
    return version === null ? [] : [`${name}@${version}`];
  });
}

/**
 * Asks the registry which versions the ranges allow. Optional peers count as well: who asks for the ends of ranges wants
 * to see them in use. What is no range (a tag, an address) is left to npm.
 *
 * @param siblings names of packages that come from the workspace
 */
export async function readPeers(
  { name: own, peerDependencies = {} }: Manifest,
  siblings: readonly string[],
  context: CommandContext,
): Promise<Result<readonly Peer[], ConsumerFailure>> {
  const peers: Peer[] = [];
  for (const [name, range] of Object.entries(peerDependencies)) {
    if (validRange(range) === null || siblings.includes(name)) continue;
    const file = join(mkdtempSync(join(context.directory.path, 'peers-')), 'versions.json');
    const call = {
      step: `peer-${peers.length}`,
      failing: `${name}@${range}, which ${own} wants beside it, cannot be found`,
      args: ['view', '--json', '--prefer-offline', `${name}@${range}`, 'version'],
      cwd: context.directory.path,
      output: file,
    };
    const asked = await runNpm(call, context);
    if (!asked.ok) return asked;
    const versions = [JSON.parse(readFileSync(file, 'utf8')) as string | string[]].flat();
    peers.push({ name, range, versions });
  }
  return ok(peers);
}
