/** How tsc is told to check one file as its project would. */
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { binFolders } from '../../files/bin-folders.ts';
import { projectCache } from '../../store/state-folder.ts';
import type { ComponentContext } from '../common/context.ts';

/** Where a file is checked from. */
export interface Standpoint {
  /** Absolute path. */
  readonly cwd: string;
  /** Absolute path of the mirror that it is in; null: it is where the user has it. */
  readonly mirror: string | null;
}

/**
 * tsc checks either a project or a file. To check one file under its project's options, this writes a config that
 * extends the project's and names only that file.
 *
 * @param file absolute path
 * @param id part of the name of the config; no two files that are checked at the same time have the same
 */
export async function tscArguments(
  file: string,
  id: string,
  { cwd, mirror }: Standpoint,
  context: ComponentContext,
): Promise<string[]> {
  const config = await configFor(file, id, mirror, context);
  return config === undefined
    ? ['--noEmit', '--pretty', 'false', relative(cwd, file)]
    : ['--project', config, '--pretty', 'false'];
}

/** @returns absolute path of a tsconfig.json for this file alone; undefined if it is in no project */
export async function configFor(
  file: string,
  id: string,
  mirror: string | null,
  context: ComponentContext,
): Promise<string | undefined> {
  const project = nearest('tsconfig.json', dirname(file), mirror ?? '/');
  if (project === undefined) return undefined;
  const { folder, typeRoots } =
    mirror === null ? configPlace(dirname(project), context) : { folder: dirname(project) };
  const config = join(folder, `tsconfig.${id}.json`);
  const text = {
    extends: project,
    compilerOptions: { noEmit: true, incremental: false, composite: false, ...typeRoots },
    files: [file],
    include: [],
    references: [],
  };
  // Written atomically, as another run may be reading it.
  const draft = `${config}.${process.pid}`;
  await writeFile(draft, JSON.stringify(text, null, 2));
  await rename(draft, config);
  return config;
}

interface ConfigPlace {
  readonly folder: string;
  readonly typeRoots?: { readonly typeRoots: readonly string[] };
}

/**
 * Below the project, so that `@types` packages resolve the same way. For a read-only project the config lies elsewhere,
 * and must name their folders.
 */
function configPlace(project: string, context: ComponentContext): ConfigPlace {
  try {
    return { folder: projectCache(project) };
  } catch {
    const typeRoots = binFolders(project).map((folder) => join(dirname(folder), '@types'));
    return { folder: context.directory.path, typeRoots: { typeRoots } };
  }
}

/**
 * @param top absolute path of the outermost folder to look in
 * @returns absolute path of the file with that name in the folder, or in the nearest around it
 */
export function nearest(name: string, from: string, top = '/'): string | undefined {
  const path = join(from, name);
  if (existsSync(path)) return path;
  const parent = dirname(from);
  return from === top || parent === from ? undefined : nearest(name, parent, top);
}
