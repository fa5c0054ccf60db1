/** Gets the wheel of a package: from the index, or built as its users would build it. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { err, ok, type Result } from '../../core/result.ts';
import type { Environment } from '../../core/suite.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { moveFile } from '../../files/move-file.ts';
import type { CommandContext } from '../../process/run-owned.ts';
import { cacheFolder, isKept, pruneCache } from '../../store/consumer-cache.ts';
import type { ConsumerFailure } from '../failure.ts';
import { installerEnvironment } from './environment.ts';
import { type Argv, isForOthers, isNotFound, runTool } from './run-tool.ts';
import type { PythonSpec } from './spec.ts';
import type { PythonTools } from './tools.ts';

/** `==1.2.3`: it always means the same. */
const isExact = (version: string): boolean => /^===?[^*,]+$/.test(version);

/** Builds or fetches into a new folder. */
async function withPip(
  what: {
    readonly step: string;
    readonly failing: string;
    readonly args: (folder: string) => string[];
    readonly env?: Environment;
  },
  { pip }: PythonTools,
  context: CommandContext,
): Promise<Result<string, ConsumerFailure>> {
  const folder = mkdtempSync(join(context.directory.path, 'wheels-'));
  const argv: Argv = [...pip, ...what.args(folder)];
  const call = { ...what, argv, cwd: folder, env: { ...installerEnvironment(context.env), ...what.env } };
  const done = await runTool(call, context);
  if (!done.ok) return done;
  const [file] = readdirSync(folder);
  if (file !== undefined) return ok(join(folder, file));
  return err({
    blame: 'package',
    message: `${what.failing}: pip made no file`,
    evidence: done.value.slice(-6),
  });
}

/**
 * Has setuptools build elsewhere than in `build` of the project: it would take whatever is there into the wheel, also modules
 * that the project had when it was built before.
 */
function buildingAfresh(context: CommandContext): Environment {
  const folder = mkdtempSync(join(context.directory.path, 'build-'));
  const config = join(folder, 'distutils.cfg');
  writeFileSync(config, `[build]\nbuild_base = ${join(folder, 'build')}\n`);
  return { DIST_EXTRA_CONFIG: config };
}

/** Where setuptools leaves what it knows of a project: beside its packages. */
const eggInfosOf = (folder: string): string[] =>
  ['', 'src', 'lib'].flatMap((below) => {
    const beside = join(folder, below);
    if (statSync(beside, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
    return readdirSync(beside).flatMap((name) => (name.endsWith('.egg-info') ? [join(beside, name)] : []));
  });

/** Builds the folder of a user, which is afterwards as it was. */
async function buildInPlace(
  path: string,
  tools: PythonTools,
  context: CommandContext,
): Promise<Result<string, ConsumerFailure>> {
  const before = eggInfosOf(path);
  try {
    return await build(path, `${path} cannot be built`, tools, context);
  } finally {
    for (const left of eggInfosOf(path)) if (!before.includes(left)) rmSync(left, { recursive: true });
  }
}

const build = (path: string, failing: string, tools: PythonTools, context: CommandContext) =>
  withPip(
    {
      ...{ step: 'build', failing, env: buildingAfresh(context) },
      args: (folder) => ['wheel', '--no-deps', '--wheel-dir', folder, path],
    },
    tools,
    context,
  );

/** pip says of what does not exist, and of what is for another Python, that it has not found it. */
function unfetched(failure: ConsumerFailure, wanted: string, version: string): ConsumerFailure {
  const lines = failure.evidence ?? [];
  if (!isNotFound(lines)) return failure;
  const own = 'pip index versions NAME lists the versions that this Python may have';
  return isForOthers(lines, version)
    ? { blame: 'spec', message: `${wanted} is not for this Python`, hint: own, isExcluded: true }
    : { ...failure, blame: 'spec', hint: `check the spelling; ${own}` };
}

async function fetchFromIndex(
  { name, version }: Extract<PythonSpec, { type: 'index' }>,
  tools: PythonTools,
  context: CommandContext,
): Promise<Result<string, ConsumerFailure>> {
  const wanted = `${name}${version}`;
  const cache = cacheFolder('wheels', context.env);
  const key = `${name.toLowerCase()}${version}-${Buffer.from(tools.interpreter.build).toString('base64url').slice(0, 80)}`;
  const kept = join(cache, key);
  const file = isExact(version) && isKept(kept) ? readdirSync(kept)[0] : undefined;
  if (file !== undefined) return ok(join(kept, file));
  const failing = `${wanted} cannot be fetched`;
  const args = (folder: string): string[] => ['download', '--no-deps', '--dest', folder, wanted];
  const fetched = await withPip({ step: 'fetch', failing, args }, tools, context);
  if (!fetched.ok) return err(unfetched(fetched.error, wanted, version));
  const wheel = fetched.value.endsWith('.whl')
    ? fetched
    : await build(fetched.value, `the sdist of ${wanted} cannot be built`, tools, context);
  if (!wheel.ok || !isExact(version)) return wheel;
  pruneCache(cache);
  return ok(keep(wheel.value, kept));
}

/** Its file name says what a wheel is, so it keeps that, in a folder of its own. */
function keep(wheel: string, folder: string): string {
  const path = join(folder, basename(wheel));
  rmSync(folder, { recursive: true, force: true });
  makeFolder(folder);
  moveFile(wheel, path);
  return path;
}

/** @returns absolute path of a wheel, in the run's folder, in the cache, or where the user has it */
export async function obtainWheel(
  spec: PythonSpec,
  tools: PythonTools,
  context: CommandContext,
): Promise<Result<string, ConsumerFailure>> {
  switch (spec.type) {
    case 'wheel':
      return ok(spec.path);
    case 'index':
      return fetchFromIndex(spec, tools, context);
    case 'folder':
      return buildInPlace(spec.path, tools, context);
    case 'sdist':
      return build(spec.path, `${spec.path} cannot be built`, tools, context);
  }
}
