/** From what a person named to a tarball: what npm would publish, or has. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../core/result.ts';
import { moveFile } from '../files/move-file.ts';
import type { CommandContext } from '../process/run-owned.ts';
import { cacheFolder, isKept, pruneCache } from '../store/consumer-cache.ts';
import type { ConsumerFailure } from './failure.ts';
import { type NpmCall, runNpm } from './npm.ts';
import { isExact, type PackageSpec } from './spec.ts';

/** Has npm put a tarball into a folder of its own: others pack at the same time, perhaps under the same name. Its JSON is not read: scripts of the package print into it. */
async function pack(
  call: Pick<NpmCall, 'step' | 'failing' | 'cwd'> & { readonly args: readonly string[] },
  context: CommandContext,
): Promise<Result<string, ConsumerFailure>> {
  const folder = mkdtempSync(join(context.directory.path, 'packed-'));
  const args = ['pack', ...call.args, '--pack-destination', folder];
  const done = await runNpm({ ...call, args }, context);
  if (!done.ok) return done;
  const name = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (name !== undefined) return ok(join(folder, name));
  return err({
    blame: 'package',
    message: `${call.failing}: npm pack made no tarball`,
    evidence: done.value.slice(-6),
    hint: 'run `npm pack` in its folder to see more',
  });
}

async function fetchTarball(
  { name, range }: Extract<PackageSpec, { type: 'registry' }>,
  context: CommandContext,
): Promise<Result<string, ConsumerFailure>> {
  const cache = cacheFolder('tarballs', context.env);
  const kept = join(cache, `${name.replace('/', '+')}@${range}.tgz`);
  // An exact version never changes; what a tag or a range means is for the registry to say, each time.
  if (isExact(range) && isKept(kept)) return ok(kept);
  const call = {
    step: 'fetch',
    failing: `${name}@${range} cannot be fetched`,
    args: [`${name}@${range}`, ...(isExact(range) ? ['--prefer-offline'] : [])],
    cwd: context.directory.path,
  };
  const fetched = await pack(call, context);
  if (!fetched.ok || !isExact(range)) return fetched;
  pruneCache(cache);
  moveFile(fetched.value, kept);
  return ok(kept);
}

/**
 * @param spec a folder is packed as it would be published, with its scripts; a name is looked up in the registry
 * @returns absolute path of a tarball, in the folder of the run or in the cache
 */
export async function obtainTarball(
  spec: PackageSpec,
  context: CommandContext,
): Promise<Result<string, ConsumerFailure>> {
  switch (spec.type) {
    case 'tarball':
      return ok(spec.path);
    case 'registry':
      return fetchTarball(spec, context);
    case 'folder': {
      const call = { step: 'pack', failing: `${spec.path} cannot be packed`, args: [], cwd: spec.path };
      return pack(call, context);
    }
  }
}
