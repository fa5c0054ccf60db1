/** Installs a package as somebody would who has nothing but npm and an empty folder. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../core/result.ts';
import type { CommandContext } from '../process/run-owned.ts';
import { cacheFolder, isKept, pruneCache, putInPlace } from '../store/consumer-cache.ts';
import { neededNode } from './engines.ts';
import { strangersShell } from './environment.ts';
import type { ConsumerFailure } from './failure.ts';
import { type InstalledPackage, readInstalled } from './installed-package.ts';
import { runNpm } from './npm.ts';
import type { PackageSpec } from './spec.ts';
import { obtainTarball } from './tarball.ts';

/** What is written into a consumer when it is complete. */
type Made = Pick<InstalledPackage, 'scriptWarnings'>;

/** Grows when a consumer is laid out in another way, so that those of earlier versions are not used. */
const LAYOUT = 1;
const MADE = 'consumer.json';
/** Where programs are run that may write into their folder. */
export const SCRATCH = 'scratch';
const TARBALL = 'package.tgz';
const SHELL = 'shell.sh';
/** `npm warn install-scripts   bcrypt@6.0.0 (install: node-gyp-build)` */
const ABOUT_SCRIPTS = /^npm (?:warn|WARN) (?:install-scripts|allow-scripts)\s+(\S.*)$/;

/** What makes two consumers the same: the package's content, what is installed beside it, and for whom. */
function keyOf(tarball: string, beside: readonly string[]): string {
  const hash = createHash('sha256').update(readFileSync(tarball));
  hash.update(JSON.stringify([LAYOUT, beside, process.platform, process.arch, process.version]));
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
  context: CommandContext,
): Promise<ConsumerFailure | undefined> {
  const draft = mkdtempSync(`${folder}.`);
  mkdirSync(join(draft, SCRATCH), { recursive: true });
  copyFileSync(tarball, join(draft, TARBALL));
  writeFileSync(join(draft, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  const shell = join(draft, SHELL);
  writeFileSync(shell, strangersShell(context.env), { mode: 0o700 });
  const options = ['--no-audit', '--no-fund', '--prefer-offline', `--script-shell=${shell}`];
  const call = {
    step: 'install',
    failing: 'it cannot be installed in an empty folder',
    args: ['install', ...options, `./${TARBALL}`, ...beside],
    cwd: draft,
  };
  const installed = await runNpm(call, context);
  rmSync(shell, { force: true });
  if (!installed.ok) {
    rmSync(draft, { recursive: true, force: true });
    return installed.error;
  }
  const made: Made = {
    scriptWarnings: installed.value.flatMap((line) => ABOUT_SCRIPTS.exec(line)?.[1] ?? []),
  };
  writeFileSync(join(draft, MADE), JSON.stringify(made));
  putInPlace(draft, folder, MADE);
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
  context: CommandContext,
  beside: readonly string[] = [],
): Promise<Result<InstalledPackage, ConsumerFailure>> {
  const tarball = await obtainTarball(spec, context);
  if (!tarball.ok) return tarball;
  const cache = cacheFolder('consumers', context.env);
  const consumer = join(cache, keyOf(tarball.value, beside));
  const isReused = isKept(join(consumer, MADE));
  if (!isReused) {
    pruneCache(cache);
    const failure = await makeConsumer(tarball.value, beside, consumer, context);
    if (failure !== undefined) return err(failure);
  }
  const name = nameIn(consumer);
  if (name === undefined)
    return err({
      blame: 'package',
      message: 'npm installed it without a name',
      hint: 'give it a name in its package.json',
    });
  const { scriptWarnings } = readJson(join(consumer, MADE)) as unknown as Made;
  const contents = readInstalled(consumer, name);
  const needsNode = neededNode(contents.manifest, process.version);
  return ok({ ...contents, scriptWarnings, needsNode, isReused });
}
