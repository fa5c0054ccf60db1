/** The package that declarations of somebody else describe: `@types/express` is of no use, and cannot be tried, without `express`. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { coerce, maxSatisfying } from 'semver';
import { err, ok, type Result } from '../core/result.ts';
import type { CommandContext } from '../process/run-owned.ts';
import type { ConsumerFailure } from './failure.ts';
import type { Manifest } from './installed-package.ts';
import { runNpm } from './npm.ts';

const TYPES = '@types/';

/** @returns `@babel/core` for `@types/babel__core`; undefined for a package that is none of declarations */
export function describedName(name: string): string | undefined {
  if (!name.startsWith(TYPES)) return undefined;
  const [first = '', second] = name.slice(TYPES.length).split('__');
  return second === undefined ? first : `@${first}/${second}`;
}

/**
 * @param version of the declarations, whose major and minor are by convention those of the package
 * @returns the newest of that minor, or else of that major, or else the newest of all
 */
export function describedVersion(version: string, versions: readonly string[]): string | undefined {
  const { major = 0, minor = 0 } = coerce(version) ?? {};
  const ranges = [`~${major}.${minor}.0`, `^${major}.${minor}.0`, `${major}.x`, '*'];
  return (
    ranges.map((range) => maxSatisfying([...versions], range)).find((found) => found !== null) ?? undefined
  );
}

/**
 * Asks the registry which version declarations are of.
 *
 * @returns its name and its version; undefined if there is none: Node itself, a browser, or something that was never published
 */
export async function describedPackage(
  { name, version }: Pick<Manifest, 'name' | 'version'>,
  context: CommandContext,
): Promise<Result<{ readonly name: string; readonly version: string } | undefined, ConsumerFailure>> {
  const described = describedName(name);
  if (described === undefined) return ok(undefined);
  const file = join(mkdtempSync(join(context.directory.path, 'described-')), 'versions.json');
  const call = {
    step: 'described',
    failing: `${described}, which ${name} describes, cannot be looked up`,
    args: ['view', '--json', '--prefer-offline', described, 'versions'],
    cwd: context.directory.path,
    output: file,
  };
  const asked = await runNpm(call, context);
  if (!asked.ok) return asked.error.blame === 'spec' ? ok(undefined) : err(asked.error);
  const told = [JSON.parse(readFileSync(file, 'utf8')) as string | string[]].flat();
  const found = describedVersion(version, told);
  return ok(found === undefined ? undefined : { name: described, version: found });
}
