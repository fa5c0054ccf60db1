/** Finds the release that a package follows, in npm's configured registry. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lte, prerelease, rcompare, valid } from 'semver';
import { err, ok, type Result } from '../core/result.ts';
import type { CommandContext } from '../process/run-owned.ts';
import type { Remembered } from '../store/remembered.ts';
import type { ConsumerFailure } from './failure.ts';
import { TARBALL } from './install.ts';
import type { InstalledPackage } from './installed-package.ts';
import { runNpm } from './npm.ts';

/** `"version": "1.2.3"` and, after it, `"dist.integrity": "sha512-…"`, as `npm view` lists releases. */
const VERSION = /^\s*"version": "([^"]+)",?$/;
const INTEGRITY = /^\s*"dist\.integrity": "([^"]+)",?$/;

/** A registry that does not answer must not hold up everything else. */
const PATIENCE = ['--fetch-retries=0', '--fetch-timeout=20000', '--prefer-online'];

interface Release {
  readonly version: string;
  readonly integrity: string | undefined;
}

function releasesIn(lines: readonly string[]): Release[] {
  return lines.flatMap((line, index): Release[] => {
    const version = VERSION.exec(line)?.[1];
    if (version === undefined) return [];
    return [{ version, integrity: INTEGRITY.exec(lines[index + 1] ?? '')?.[1] }];
  });
}

export interface LastRelease {
  readonly version: string;
  /** Whether the registry could not be asked, and this is what it said the last time. */
  readonly isAsKnown: boolean;
}

/**
 * Asks the registry; where that cannot be reached, what it has said before is taken.
 *
 * @returns the newest stable version up to the package's own. That version itself only if it was released with other
 *   content; undefined if nothing has been released before
 */
export async function lastRelease(
  { name, version, consumer }: Pick<InstalledPackage, 'name' | 'version' | 'consumer'>,
  remembered: Remembered,
  context: CommandContext,
): Promise<Result<LastRelease | undefined, ConsumerFailure>> {
  // A package may have hundreds, listed in no order that would have the newest last.
  const list = join(mkdtempSync(join(context.directory.path, 'releases-')), 'releases.json');
  const call = {
    step: 'releases',
    failing: `the releases of ${name} cannot be looked up`,
    args: ['view', `${name}@<=${version}`, 'version', 'dist.integrity', '--json', ...PATIENCE],
    cwd: consumer,
    output: list,
  };
  const told = await runNpm(call, context);
  const key = ['last release', name, version];
  if (!told.ok) {
    if (told.error.blame === 'spec') return ok(undefined);
    const known = told.error.blame === 'machine' ? remembered.get<readonly Release[]>(key) : undefined;
    if (known === undefined) return err(told.error);
    return ok(newestOf(known, version, consumer, true));
  }
  const releases = releasesIn(readFileSync(list, 'utf8').split('\n'));
  remembered.put(key, releases);
  return ok(newestOf(releases, version, consumer, false));
}

function newestOf(
  releases: readonly Release[],
  version: string,
  consumer: string,
  isAsKnown: boolean,
): LastRelease | undefined {
  const own = createHash('sha512')
    .update(readFileSync(join(consumer, TARBALL)))
    .digest('base64');
  const [newest] = releases
    .filter((each) => valid(each.version) !== null && prerelease(each.version) === null)
    .filter((each) => lte(each.version, version) && each.integrity !== `sha512-${own}`)
    .sort((a, b) => rcompare(a.version, b.version));
  return newest && { version: newest.version, isAsKnown };
}
