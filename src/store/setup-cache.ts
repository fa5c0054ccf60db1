/** Remembers successful setup steps: a step need not run again while nothing that it depends on has changed. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join, relative, resolve } from 'node:path';
import type { Plan } from '../core/plan.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Environment, SetupStep } from '../core/suite.ts';
import { globBelow, isThere } from '../files/glob.ts';
import { PRIVATE_FILE, whyNotOurs } from './ours.ts';

interface CacheEntry {
  readonly fingerprint: string;
  readonly exported: Environment;
}

/** Stands for the current PATH in cached exports. */
const PATH_PLACEHOLDER = '\0PATH\0';

/** The path, without extension, of a step's files in a cache. */
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

/** What installers fill is not an input. */
const IGNORED = ['**/node_modules/**', '**/.git/**'];

async function inputFiles(step: SetupStep): Promise<Result<string[], string>> {
  const files = new Set<string>();
  for (const input of step.inputs) {
    const path = resolve(step.cwd, input);
    const isFolder = existsSync(path) && statSync(path).isDirectory();
    const found =
      existsSync(path) && !isFolder
        ? [path]
        : await globBelow(isFolder ? path : step.cwd, isFolder ? '**/*' : input, { ignore: IGNORED });
    if (found.length === 0) return err(input);
    for (const file of found) files.add(file);
  }
  return ok([...files].sort());
}

/** Matches whole folders only: `/bin` is not part of `/opt/tools/bin`. */
function withPlaceholder(value: string, path: string): string {
  const enclosed = (text: string): string => `${delimiter}${text}${delimiter}`;
  return enclosed(value).split(enclosed(path)).join(enclosed(PATH_PLACEHOLDER)).slice(1, -1);
}

/** The exports, with the current PATH replaced by a placeholder. */
function portable(exported: Environment, path: string): Environment {
  const entries = Object.entries(exported);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, name === 'PATH' ? withPlaceholder(value, path) : value]),
  );
}

/**
 * Hashes what a step depends on: its command and environment, the suite's, the platform, and the content of its inputs.
 *
 * @param exported by earlier steps
 * @param path the PATH before those steps
 * @param suite the environment that the suite sets for everything
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
 * The exports of a step's last success with this fingerprint; undefined when it must run.
 *
 * @param cache absolute path of the cache folder
 */
export async function cachedExports(
  cache: string,
  step: SetupStep,
  print: string,
  path: string,
): Promise<Environment | undefined> {
  for (const output of step.outputs) if (!(await isThere(step.cwd, output))) return undefined;
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
    // Without the cache, the step just runs again.
  }
}
