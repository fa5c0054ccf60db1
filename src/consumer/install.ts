/** Installs a package as a user with only npm and an empty folder would. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../core/result.ts';
import type { CommandContext } from '../process/run-owned.ts';
import { cacheFolder, isKept, pruneCache, putInPlace } from '../store/consumer-cache.ts';
import { neededNode } from './engines.ts';
import { strangersShell } from './environment.ts';
import type { ConsumerFailure } from './failure.ts';
import { explainStopped } from './install-scripts.ts';
import { type InstalledPackage, readInstalled } from './installed-package.ts';
import { runNpm } from './npm.ts';
import type { PackageSpec } from './spec.ts';
import { obtainTarball } from './tarball.ts';

/** Written into a consumer once it is complete. */
type Made = Pick<InstalledPackage, 'scriptWarnings'>;

/** Bumped when the layout of a consumer changes, so that older ones are not reused. */
const LAYOUT = 1;
const MADE = 'consumer.json';
/** Where programs run that may write into their working directory. */
export const SCRATCH = 'scratch';
/** The package as it was packed or fetched. */
export const TARBALL = 'package.tgz';
const SHELL = 'shell.sh';
const RECORD = 'scripts.txt';
/** `npm warn install-scripts   bcrypt@6.0.0 (install: node-gyp-build)` */
const ABOUT_SCRIPTS = /^npm (?:warn|WARN) (?:install-scripts|allow-scripts)\s+(\S.*)$/;

/** The identity of a consumer: the package's content, what else is installed, and the platform. */
function keyOf(tarball: string, beside: readonly string[]): string {
  const hash = createHash('sha256').update(readFileSync(tarball));
  hash.update(JSON.stringify([LAYOUT, beside, process.platform, process.arch, process.version]));
  return hash.digest('hex').slice(0, 24);
}

function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

/** The name under which npm installed the tarball. */
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
  const record = join(draft, RECORD);
  writeFileSync(shell, strangersShell(context.env, record), { mode: 0o700 });
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
    const failure = explainStopped(installed.error, record);
    rmSync(draft, { recursive: true, force: true });
    return failure;
  }
  const scriptWarnings = installed.value.flatMap((line) => ABOUT_SCRIPTS.exec(line)?.[1] ?? []);
  writeFileSync(join(draft, MADE), JSON.stringify({ scriptWarnings } satisfies Made));
  putInPlace(draft, folder, MADE);
  return undefined;
}

/**
 * Packs or fetches a package, and installs it in a clean consumer folder. A folder for the same content is reused, with
 * neither npm nor network.
 *
 * @param beside what else the consumer installs, as npm accepts it: `@types/express@5`
 * @returns the installed package; or why it cannot be installed
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
