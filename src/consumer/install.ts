/** Installs a package as a user with only npm and an empty folder would. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { err, ok, type Result } from '../core/result.ts';
import type { CommandContext } from '../process/run-owned.ts';
import { cacheFolder, isKept, pruneCache, putInPlace } from '../store/consumer-cache.ts';
import { neededNode } from './engines.ts';
import { strangersShell } from './environment.ts';
import type { ConsumerFailure } from './failure.ts';
import { explainStopped } from './install-scripts.ts';
import { type InstalledPackage, readInstalled } from './installed-package.ts';
import { runNpm } from './npm.ts';
import { readAwaited } from './npm-log.ts';
import type { OtherNode } from './other-node.ts';
import { PackedFolders, type Sibling } from './packed-folders.ts';
import type { PackageSpec } from './spec.ts';
import { obtainTarball } from './tarball.ts';

/** Written into a consumer once it is complete. */
type Made = Pick<InstalledPackage, 'scriptWarnings'>;

/** Bumped when the layout of a consumer changes, so that older ones are not reused. */
const LAYOUT = 1;
/** Is in a consumer once it is complete. */
export const MADE = 'consumer.json';
/** Where programs run that may write into their working directory. */
export const SCRATCH = 'scratch';
/** The package as it was packed or fetched. */
export const TARBALL = 'package.tgz';
const SHELL = 'shell.sh';
const RECORD = 'scripts.txt';
const LOGS = 'logs';
/** `npm warn install-scripts   bcrypt@6.0.0 (install: node-gyp-build)` */
const ABOUT_SCRIPTS = /^npm (?:warn|WARN) (?:install-scripts|allow-scripts)\s+(\S.*)$/;

/** How a package is installed. */
export interface Manner {
  /** What else the consumer installs, as npm accepts it: `@types/express@5`. */
  readonly beside?: readonly string[];
  /** The Node that it is for; by default the one in use. */
  readonly node?: OtherNode | null;
  /** Folders that this run has packed already. */
  readonly packed?: PackedFolders;
}

/** What is installed, and for whom. */
interface Contents {
  readonly tarball: string;
  readonly siblings: readonly Sibling[];
  readonly beside: readonly string[];
  readonly node: OtherNode | null;
}

/** The identity of a consumer: the content of its packages, what else is installed, and the platform. */
function keyOf({ tarball, siblings, beside, node }: Contents): string {
  const hash = createHash('sha256').update(readFileSync(tarball));
  for (const sibling of siblings) hash.update(readFileSync(sibling.tarball));
  const version = node === null ? process.version : `v${node.version}`;
  hash.update(JSON.stringify([LAYOUT, beside, process.platform, process.arch, version]));
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

/** Makes npm take packages from files wherever anything needs them; the consumer itself declares none of them. */
const overrides = (siblings: readonly Sibling[]): object =>
  siblings.length === 0
    ? {}
    : { overrides: Object.fromEntries(siblings.map(({ name, tarball }) => [name, `file:${tarball}`])) };

async function makeConsumer(
  { tarball, siblings, beside, node }: Contents,
  folder: string,
  context: CommandContext,
): Promise<ConsumerFailure | undefined> {
  const draft = mkdtempSync(`${folder}.`);
  mkdirSync(join(draft, SCRATCH), { recursive: true });
  copyFileSync(tarball, join(draft, TARBALL));
  writeFileSync(
    join(draft, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, ...overrides(siblings) }),
  );
  const shell = join(draft, SHELL);
  const record = join(draft, RECORD);
  writeFileSync(shell, strangersShell(context.env, record, node?.folder), { mode: 0o700 });
  const logs = join(draft, LOGS);
  const own = [`--script-shell=${shell}`, `--logs-dir=${logs}`];
  const options = ['--no-audit', '--no-fund', '--prefer-offline', ...own];
  const call = {
    step: 'install',
    failing: 'it cannot be installed in an empty folder',
    args: ['install', ...options, `./${TARBALL}`, ...beside],
    cwd: draft,
  };
  const installed = await runNpm(call, context);
  const awaited = installed.ok ? [] : readAwaited(logs, draft);
  for (const path of [shell, logs]) rmSync(path, { recursive: true, force: true });
  if (!installed.ok) {
    const failure = explainStopped(installed.error, record, awaited);
    rmSync(draft, { recursive: true, force: true });
    return failure;
  }
  const scriptWarnings = installed.value.flatMap((line) => ABOUT_SCRIPTS.exec(line)?.[1] ?? []);
  writeFileSync(join(draft, MADE), JSON.stringify({ scriptWarnings } satisfies Made));
  putInPlace(draft, folder, MADE);
  return undefined;
}

/**
 * Tells installations apart: one that is made anew has newer dependencies.
 *
 * @param consumer absolute path of the folder of a whole one
 * @returns what it is of, and when it was made
 */
export const installedAs = (consumer: string): readonly unknown[] => [
  basename(consumer),
  statSync(join(consumer, MADE)).mtimeMs,
];

/**
 * Packs or fetches a package, and installs it in a clean consumer folder, with what it needs of its workspace. A folder
 * for the same content is reused, with neither npm nor network.
 *
 * @returns the installed package; or why it cannot be installed
 */
export async function installPackage(
  spec: PackageSpec,
  context: CommandContext,
  { beside = [], node = null, packed = new PackedFolders() }: Manner = {},
): Promise<Result<InstalledPackage, ConsumerFailure>> {
  const tarball = await obtainTarball(spec, packed, context);
  if (!tarball.ok) return tarball;
  const siblings = spec.type === 'folder' ? await packed.siblingsOf(spec.path, context) : ok([]);
  if (!siblings.ok) return siblings;
  const contents = { tarball: tarball.value, siblings: siblings.value, beside, node };
  const cache = cacheFolder('consumers', context.env);
  const consumer = join(cache, keyOf(contents));
  const isReused = isKept(join(consumer, MADE));
  if (!isReused) {
    pruneCache(cache);
    const failure = await makeConsumer(contents, consumer, context);
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
  const installed = readInstalled(consumer, name);
  const needsNode = neededNode(installed.manifest, node?.version ?? process.version);
  return ok({ ...installed, scriptWarnings, needsNode, isReused });
}
