import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { configIn } from '../config/discover.ts';
import { firstConfig, type ProjectFacts } from '../config/first-config.ts';
import type { Program } from './flags.ts';
import { type Outcome, refuse, SUCCESS } from './outcome.ts';

const FILE = 'shakedown.config.ts';

function packageScripts(cwd: string): Record<string, string> {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'));
    const scripts =
      typeof manifest === 'object' && manifest !== null && 'scripts' in manifest
        ? manifest.scripts
        : undefined;
    if (typeof scripts !== 'object' || scripts === null) return {};
    return Object.fromEntries(
      Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return {};
  }
}

function look(cwd: string, dir: string): ProjectFacts {
  const has = (path: string): boolean => existsSync(join(cwd, path));
  return {
    dir,
    files: ['setup', 'thread', 'http', 'client', 'init', 'typestubs.py', 'typestubs.ts'].filter((name) =>
      has(join(dir, name)),
    ),
    packageScripts: packageScripts(cwd),
    lockFile: ['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock'].find(has) ?? null,
    requirements: has('requirements.txt') ? 'requirements.txt' : null,
  };
}

/** Writes a first config from what the project holds; never over one that is there. */
export function writeFirstConfig(flags: { readonly dir?: string }, program: Program): Outcome {
  const existing = configIn(program.cwd);
  if (existing !== undefined)
    return refuse([
      { message: `there is a config already: ${existing}`, hint: 'remove it first, or change it by hand' },
    ]);
  const text = firstConfig(look(program.cwd, flags.dir ?? 'integration'));
  const path = resolve(program.cwd, FILE);
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    return refuse([{ message: `${path} cannot be written: ${(error as Error).message}` }]);
  }
  process.stdout.write(`wrote ${FILE}; look it over, then run: shakedown\n`);
  return SUCCESS;
}
