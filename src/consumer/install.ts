/** Installs a package as somebody would who has nothing but npm and an empty folder. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../domain/result.ts';
import { cacheFolder, isKept, pruneCache } from './cache.ts';
import type { ConsumerFailure } from './failure.ts';
import { type InstalledPackage, readInstalled } from './installed-package.ts';
import { type ConsumerContext, runNpm } from './npm.ts';
import type { PackageSpec } from './spec.ts';
import { obtainTarball } from './tarball.ts';

/** What is written into a consumer when it is complete. */
interface Made {
  /** Install scripts that npm ran or kept from running with a word of warning, in its words. */
  readonly warnings: readonly string[];
}

const MADE = 'consumer.json';
const TARBALL = 'package.tgz';
/** `npm warn install-scripts   bcrypt@6.0.0 (install: node-gyp-build)` */
const ABOUT_SCRIPTS = /^npm (?:warn|WARN) (?:install-scripts|allow-scripts)\s+(\S.*)$/;

/** What makes two consumers the same: the package's content, what is installed beside it, and for whom. */
function keyOf(tarball: string, beside: readonly string[]): string {
  const hash = createHash('sha256').update(readFileSync(tarball));
  hash.update(JSON.stringify([beside, process.platform, process.arch, process.version]));
  return hash.digest('hex').slice(0, 24);
}

function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

/** The package that the consumer's tarball turned out to be. */
function nameIn(consumer: string): string | undefined {
  const dependencies = readJson(join(consumer, 'package.json')).dependencies as Record<string, string>;
  return Object.entries(dependencies).find(([, from]) => from === `file:${TARBALL}`)?.[0];
}

async function makeConsumer(
  tarball: string,
  beside: readonly string[],
  folder: string,
  context: ConsumerContext,
): Promise<ConsumerFailure | undefined> {
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft);
  copyFileSync(tarball, join(draft, TARBALL));
  writeFileSync(join(draft, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  const options = ['--no-audit', '--no-fund', '--prefer-offline'];
  const call = {
    step: 'install',
    failing: 'it cannot be installed in an empty folder',
    args: ['install', ...options, `./${TARBALL}`, ...beside],
    cwd: draft,
  };
  const installed = await runNpm(call, context);
  if (!installed.ok) {
    rmSync(draft, { recursive: true, force: true });
    return installed.error;
  }
  const warnings = installed.value.flatMap((line) => ABOUT_SCRIPTS.exec(line)?.[1] ?? []);
  writeFileSync(join(draft, MADE), JSON.stringify({ warnings } satisfies Made));
  // Whole or not at all; whoever made the same in the meantime has made it as well as we did.
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
  return undefined;
}

/**
 * Packs or fetches a package, and installs it in a clean consumer folder. A folder that was made before from the same
 * content is used again, without any network and without npm.
 *
 * @param beside what else the consumer installs, as npm takes it: `@types/express@5`
 * @returns the package as it is installed; or why it cannot be, by whose doing
 */
export async function installPackage(
  spec: PackageSpec,
  context: ConsumerContext,
  beside: readonly string[] = [],
): Promise<Result<InstalledPackage, ConsumerFailure>> {
  const tarball = await obtainTarball(spec, context);
  if (!tarball.ok) return tarball;
  const cache = cacheFolder('consumers', context.env);
  const consumer = join(cache, keyOf(tarball.value, beside));
  if (!isKept(join(consumer, MADE))) {
    pruneCache(cache);
    const failure = await makeConsumer(tarball.value, beside, consumer, context);
    if (failure !== undefined) return err(failure);
  }
  const name = nameIn(consumer);
  if (name === undefined)
    return err({
      blame: 'package',
      message: 'npm installed it under no name',
      hint: 'give it a name in its package.json',
    });
  const { warnings } = readJson(join(consumer, MADE)) as unknown as Made;
  return ok(readInstalled(consumer, name, warnings));
}
