/** Finds the release that a package follows, in npm's configured registry. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lte, prerelease, rcompare, valid } from 'semver';
import { err, ok, type Result } from '../core/result.ts';
import type { CommandContext } from '../process/run-owned.ts';
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

/**
 * @returns the newest stable version up to the package's own. That version itself only if it was released with other
 *   content; undefined if nothing has been released before
 */
export async function lastRelease(
  { name, version, consumer }: Pick<InstalledPackage, 'name' | 'version' | 'consumer'>,
  context: CommandContext,
): Promise<Result<string | undefined, ConsumerFailure>> {
  const call = {
    step: 'releases',
    failing: `the releases of ${name} cannot be looked up`,
    args: ['view', `${name}@<=${version}`, 'version', 'dist.integrity', '--json', ...PATIENCE],
    cwd: consumer,
  };
  const told = await runNpm(call, context);
  if (!told.ok) return told.error.blame === 'spec' ? ok(undefined) : err(told.error);
  const own = createHash('sha512')
    .update(readFileSync(join(consumer, TARBALL)))
    .digest('base64');
  const [newest] = releasesIn(told.value)
    .filter((each) => valid(each.version) !== null && prerelease(each.version) === null)
    .filter((each) => lte(each.version, version) && each.integrity !== `sha512-${own}`)
    .sort((a, b) => rcompare(a.version, b.version));
  return ok(newest?.version);
}
