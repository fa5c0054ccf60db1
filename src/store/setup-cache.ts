/** What is remembered of setup steps that succeeded: a step need not run again while nothing that it depends on has changed. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join, relative, resolve, sep } from 'node:path';
import type { Plan } from '../core/plan.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Environment, SetupStep } from '../core/suite.ts';
import { PRIVATE_FILE, whyNotOurs } from './ours.ts';

interface CacheEntry {
  readonly fingerprint: string;
  readonly exported: Environment;
}

/** Stands for the PATH of the day in a cached export. */
const PATH_PLACEHOLDER = '\0PATH\0';

/** The path, without an ending, of what is kept of a step in a cache. */
export function stepPath(cache: string, step: SetupStep): string {
  const key = createHash('sha256')
    .update(JSON.stringify([step.name, step.command, step.cwd]))
    .digest('hex')
    .slice(0, 16);
  return join(cache, `setup-${key}`);
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** @returns absolute paths of those below a folder that match a pattern, but not of what installers fill */
async function filesBelow(folder: string, pattern: string): Promise<string[]> {
  const { glob } = await import('tinyglobby');
  const options = { dot: true, ignore: ['**/node_modules/**', '**/.git/**'] };
  if (sep === '\\' || !folder.includes('\\'))
    return glob(pattern, { ...options, cwd: folder, absolute: true });
  // A backslash in the path of the folder is taken for a separator, as on Windows: it is gone to by another path.
  const open = openSync(folder, 'r');
  try {
    const found = await glob(pattern, { ...options, cwd: `/proc/self/fd/${open}` });
    return found.map((file) => join(folder, file));
  } finally {
    closeSync(open);
  }
}

async function inputFiles(step: SetupStep): Promise<Result<string[], string>> {
  const files = new Set<string>();
  for (const input of step.inputs) {
    const path = resolve(step.cwd, input);
    const isFolder = existsSync(path) && statSync(path).isDirectory();
    const found =
      existsSync(path) && !isFolder
        ? [path]
        : await filesBelow(isFolder ? path : step.cwd, isFolder ? '**/*' : input);
    if (found.length === 0) return err(input);
    for (const file of found) files.add(file);
  }
  return ok([...files].sort());
}

/** Only whole folders: `/bin` is no part of `/opt/tools/bin`. */
function withPlaceholder(value: string, path: string): string {
  const enclosed = (text: string): string => `${delimiter}${text}${delimiter}`;
  return enclosed(value).split(enclosed(path)).join(enclosed(PATH_PLACEHOLDER)).slice(1, -1);
}

/** What was exported, without the PATH of the day in it. */
function portable(exported: Environment, path: string): Environment {
  const entries = Object.entries(exported);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, name === 'PATH' ? withPlaceholder(value, path) : value]),
  );
}

/**
 * What a step depends on, as one hash: its command and environment, that of the suite, this machine's kind, and the
 * content of its inputs.
 *
 * @param exported what the steps before it have exported
 * @param path the PATH that these steps began with
 * @param suite what the suite gives to all that it runs
 * @returns undefined for a step without inputs, which always runs; an error names the input that matches no file
 */
export async function fingerprint(
  step: SetupStep,
  exported: Environment,
  path: string,
  suite: Pick<Plan, 'env' | 'memory'>,
): Promise<Result<string | undefined, string>> {
  if (step.inputs.length === 0) return ok(undefined);
  const files = await inputFiles(step);
  if (!files.ok) return files;
  const hash = createHash('sha256');
  const machine = [process.platform, process.arch, process.version];
  const given = [suite.env, suite.memory, step.env, portable(exported, path)];
  hash.update(JSON.stringify([step.command, step.cwd, ...given, ...machine]));
  for (const file of files.value) hash.update(`${relative(step.cwd, file)}\0${await hashFile(file)}\0`);
  return ok(hash.digest('hex'));
}

/**
 * What a step exported when it last succeeded with this fingerprint; undefined when it must run.
 *
 * @param cache absolute path of the folder that it was remembered in
 */
export function cachedExports(
  cache: string,
  step: SetupStep,
  print: string,
  path: string,
): Environment | undefined {
  if (step.outputs.some((output) => !existsSync(resolve(step.cwd, output)))) return undefined;
  try {
    const file = `${stepPath(cache, step)}.json`;
    if (whyNotOurs(file) !== undefined) return undefined;
    const entry = JSON.parse(readFileSync(file, 'utf8')) as CacheEntry;
    if (entry.fingerprint !== print) return undefined;
    return Object.fromEntries(
      Object.entries(entry.exported).map(([name, value]) => [
        name,
        value.replaceAll(PATH_PLACEHOLDER, () => path),
      ]),
    );
  } catch {
    return undefined;
  }
}

/** Remembers that a step succeeded, and what it exported. */
export function rememberExports(
  cache: string,
  step: SetupStep,
  print: string,
  exported: Environment,
  path: string,
): void {
  const entry: CacheEntry = { fingerprint: print, exported: portable(exported, path) };
  const file = `${stepPath(cache, step)}.json`;
  try {
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(entry), { mode: PRIVATE_FILE });
    renameSync(draft, file);
  } catch {
    // A folder that cannot be written to costs another run of the step, no more.
  }
}
