/** Gets the tarball of a package: as npm would publish it, or as it is in the registry. */
import { join } from 'node:path';
import { ok, type Result } from '../core/result.ts';
import { moveFile } from '../files/move-file.ts';
import type { CommandContext } from '../process/run-owned.ts';
import { cacheFolder, isKept, pruneCache } from '../store/consumer-cache.ts';
import type { ConsumerFailure } from './failure.ts';
import { packByNpm } from './pack.ts';
import type { PackedFolders } from './packed-folders.ts';
import { isExact, type PackageSpec } from './spec.ts';

async function fetchTarball(
  { name, range }: Extract<PackageSpec, { type: 'registry' }>,
  context: CommandContext,
): Promise<Result<string, ConsumerFailure>> {
  const cache = cacheFolder('tarballs', context.env);
  const kept = join(cache, `${name.replace('/', '+')}@${range}.tgz`);
  // An exact version never changes; a tag or a range is resolved anew each time.
  if (isExact(range) && isKept(kept)) return ok(kept);
  const call = {
    step: 'fetch',
    failing: `${name}@${range} cannot be fetched`,
    cwd: context.directory.path,
  };
  const what = [`${name}@${range}`, ...(isExact(range) ? ['--prefer-offline'] : [])];
  const fetched = await packByNpm(call, what, context);
  if (!fetched.ok || !isExact(range)) return fetched;
  pruneCache(cache);
  moveFile(fetched.value, kept);
  return ok(kept);
}

/**
 * @param spec a folder is packed as for publishing, with its scripts, by the package manager of its project; a name is looked up in the registry
 * @returns absolute path of a tarball, in the run's folder or in the cache
 */
export async function obtainTarball(
  spec: PackageSpec,
  packed: PackedFolders,
  context: CommandContext,
): Promise<Result<string, ConsumerFailure>> {
  switch (spec.type) {
    case 'tarball':
      return ok(spec.path);
    case 'registry':
      return fetchTarball(spec, context);
    case 'folder':
      return packed.pack(spec.path, context);
  }
}
