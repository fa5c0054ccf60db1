/** Gets the tarball of a package: as npm would publish it, or as it is in the registry. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../core/result.ts';
import { moveFile } from '../files/move-file.ts';
import type { CommandContext } from '../process/run-owned.ts';
import { cacheFolder, isKept, pruneCache } from '../store/consumer-cache.ts';
import type { ConsumerFailure } from './failure.ts';
import { type NpmCall, runNpm } from './npm.ts';
import { isExact, type PackageSpec } from './spec.ts';

/**
 * Packs into a new folder, as others may be packing under the same name. Looks for the file instead of reading npm's
 * JSON, since scripts of the package print into that.
 */
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
  // An exact version never changes; a tag or a range is resolved anew each time.
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
 * @param spec a folder is packed as for publishing, with its scripts; a name is looked up in the registry
 * @returns absolute path of a tarball, in the run's folder or in the cache
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
