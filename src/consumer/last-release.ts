/** Finds the release that a package follows, in npm's configured registry. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, lte, prerelease } from 'semver';
import { err, ok, type Result } from '../core/result.ts';
import type { CommandContext } from '../process/run-owned.ts';
import type { ConsumerFailure } from './failure.ts';
import { TARBALL } from './install.ts';
import type { InstalledPackage } from './installed-package.ts';
import { runNpm } from './npm.ts';

/** `  "1.2.3",`, as `npm view` lists versions. */
const VERSION = /^\s*"?(\d+\.\d+\.\d+[^\s",]*)"?,?\s*$/;
const INTEGRITY = /^\s*"?(sha512-[A-Za-z0-9+/=]+)"?\s*$/;

/** A registry that does not answer must not hold up everything else. */
const PATIENCE = ['--fetch-retries=0', '--fetch-timeout=20000', '--prefer-online'];

function view(
  step: string,
  args: readonly string[],
  { name, consumer }: Pick<InstalledPackage, 'name' | 'consumer'>,
  context: CommandContext,
): Promise<Result<readonly string[], ConsumerFailure>> {
  const failing = `the releases of ${name} cannot be looked up`;
  return runNpm({ step, failing, args: ['view', ...args, '--json', ...PATIENCE], cwd: consumer }, context);
}

/** Whether what the registry has under the same version is what is tried here. */
async function isReleased(
  installed: Pick<InstalledPackage, 'name' | 'version' | 'consumer'>,
  context: CommandContext,
): Promise<boolean> {
  const { name, version, consumer } = installed;
  const told = await view('integrity', [`${name}@${version}`, 'dist.integrity'], installed, context);
  const integrity = told.ok ? told.value.flatMap((line) => INTEGRITY.exec(line)?.[1] ?? [])[0] : undefined;
  const own = createHash('sha512')
    .update(readFileSync(join(consumer, TARBALL)))
    .digest('base64');
  return integrity === `sha512-${own}`;
}

/**
 * @returns the newest stable version up to the package's own. That version itself only if it was released with other
 *   content; undefined if nothing has been released before
 */
export async function lastRelease(
  installed: Pick<InstalledPackage, 'name' | 'version' | 'consumer'>,
  context: CommandContext,
): Promise<Result<string | undefined, ConsumerFailure>> {
  const { name, version } = installed;
  const told = await view('releases', [`${name}@<=${version}`, 'version'], installed, context);
  if (!told.ok) return told.error.blame === 'spec' ? ok(undefined) : err(told.error);
  const releases = told.value
    .flatMap((line) => VERSION.exec(line)?.[1] ?? [])
    .filter((each) => lte(each, version) && prerelease(each) === null)
    .sort(compare)
    .reverse();
  const [newest, previous] = releases;
  if (newest !== version) return ok(newest);
  return ok((await isReleased(installed, context)) ? previous : newest);
}
