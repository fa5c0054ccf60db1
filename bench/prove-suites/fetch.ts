/** Fetches a suite and what it needs, with the ordinary clients of its registry. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { interruption } from '../rounds.ts';
import type { Suite } from './suites.ts';

const FETCH_LIMIT = 300_000;

export interface Fetched {
  /** Where the package is unpacked and its config lies. */
  readonly folder: string;
  /** With the programs that it needs on its PATH. */
  readonly env: NodeJS.ProcessEnv;
}

async function run(cwd: string, env: NodeJS.ProcessEnv, program: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(program, args, { cwd, env, timeout: FETCH_LIMIT, signal: interruption.signal });
}

async function unpack(from: string, folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const [archive] = readdirSync(from);
  if (archive === undefined) throw new Error(`nothing was fetched into ${from}`);
  mkdirSync(folder);
  await run(folder, env, 'tar', 'xzf', join(from, archive), '--strip-components=1');
}

async function fetchFromNpm({ name, version, needs }: Suite, into: string, env: NodeJS.ProcessEnv) {
  const [archive, folder] = [join(into, 'archive'), join(into, name)];
  mkdirSync(archive);
  await run(archive, env, 'npm', 'pack', `${name}@${version}`);
  await unpack(archive, folder, env);
  // npm looks for these even when told to leave them out, and not all of them can be had.
  await run(folder, env, 'npm', 'pkg', 'delete', 'devDependencies');
  const quiet = [
    '--no-save',
    '--omit=dev',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
  ];
  await run(folder, env, 'npm', 'install', ...quiet, ...needs);
}

async function fetchFromPyPI({ name, version, needs }: Suite, into: string, env: NodeJS.ProcessEnv) {
  const [archive, folder] = [join(into, 'archive'), join(into, name)];
  const exactly = `${name}==${version}`;
  mkdirSync(archive);
  await run(into, env, 'python3', '-m', 'venv', 'venv');
  await run(archive, env, 'pip', 'download', '--quiet', '--no-deps', '--no-binary', name, exactly);
  await unpack(archive, folder, env);
  await run(into, env, 'pip', 'install', '--quiet', exactly, ...needs);
}

/**
 * @param into an empty folder, or one into which it has been fetched before
 * @throws if it cannot be fetched
 */
export async function fetchSuite(suite: Suite, into: string): Promise<Fetched> {
  const programs = suite.registry === 'npm' ? '' : `${join(into, 'venv/bin')}:`;
  const env = { ...process.env, PATH: `${programs}${process.env.PATH}`, NO_COLOR: '1' };
  const folder = join(into, suite.name);
  const isFetched = join(into, 'fetched');
  if (!existsSync(isFetched)) {
    await (suite.registry === 'npm' ? fetchFromNpm : fetchFromPyPI)(suite, into, env);
    writeFileSync(isFetched, '');
  }
  for (const [path, text] of Object.entries(suite.files ?? {})) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const config = { components: suite.components };
  writeFileSync(join(folder, 'shakedown.config.json'), `${JSON.stringify(config, null, 2)}\n`);
  return { folder, env };
}
