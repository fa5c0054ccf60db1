/** What a run loads is what it needs: start-up is part of the product. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CLI } from '../rig/rig.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shakedown-start-'));
  mkdirSync(join(folder, 'integration'));
  const thread = join(folder, 'integration/thread');
  writeFileSync(thread, '#!/bin/sh\necho 1 operation checked\n');
  chmodSync(thread, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(env: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, [CLI, 'thread'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), ...env },
    timeout: 25_000,
  });
}

/** What of Node a module loads, and all that it imports. */
function modulesOf(args: readonly string[]): string[] {
  const list = join(folder, 'loaded.json');
  const spy = join(folder, 'spy.cjs');
  writeFileSync(
    spy,
    `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(list)}, JSON.stringify(process.moduleLoadList)));`,
  );
  const { status } = spawnSync(process.execPath, ['--require', spy, ...args], {
    cwd: folder,
    timeout: 25_000,
  });
  expect(status).toBe(0);
  return JSON.parse(readFileSync(list, 'utf8')) as string[];
}

test('a run of a folder loads no module of Node that it has no use for', () => {
  const empty = join(folder, 'empty.mjs');
  writeFileSync(empty, '');
  const bare = new Set(modulesOf([empty]));
  const loaded = modulesOf([CLI, 'thread']).filter((name) => !bare.has(name));
  const unneeded = /^NativeModule (?:crypto|http|http2|https|tls|zlib|inspector|vm)$/;
  expect(loaded).toContain('NativeModule child_process');
  expect(loaded.filter((name) => unneeded.test(name))).toEqual([]);
});

/** The files that are loaded with one: those that it imports at once, and so on. */
function filesOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const source = readFileSync(file, 'utf8');
  for (const [, from = ''] of source.matchAll(
    /^(?:import|export)[^;]*?from\s*["'](\.[^"']+)["']|^import\s*["']\.[^"']+["']/gm,
  ))
    filesOf(join(dirname(file), from), seen);
  return seen;
}

test('what every run loads is in few files', () => {
  const start = readFileSync(CLI, 'utf8');
  const main = /import\(["'](\.\/chunks\/main-[^"']+)["']\)/.exec(start)?.[1] ?? '';
  const files = filesOf(join(dirname(CLI), main));
  expect(files.size).toBeGreaterThan(1);
  expect(files.size).toBeLessThanOrEqual(6);
});

/** Every file of ours that a run loads, early or late: V8 counts in each what was called. */
function loadedBy(args: readonly string[]): string[] {
  const coverage = join(folder, 'coverage');
  const { status } = spawnSync(process.execPath, [CLI, ...args], {
    cwd: folder,
    env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), NODE_V8_COVERAGE: coverage },
    timeout: 25_000,
  });
  expect(status).toBe(0);
  const scripts = readdirSync(coverage).flatMap(
    (name) =>
      (JSON.parse(readFileSync(join(coverage, name), 'utf8')) as { result: { url: string }[] }).result,
  );
  const dist = pathToFileURL(dirname(CLI)).href;
  return [...new Set(scripts.flatMap(({ url }) => (url.startsWith(dist) ? fileURLToPath(url) : [])))];
}

test('how npm reads names and versions is not loaded by a run that has nothing to do with npm', () => {
  const reads = (file: string): boolean =>
    /Tags may not have any characters|Invalid SemVer Range/.test(readFileSync(file, 'utf8'));
  const chunks = join(dirname(CLI), 'chunks');
  expect(readdirSync(chunks).some((name) => reads(join(chunks, name)))).toBe(true);
  const loaded = loadedBy(['thread']);
  expect(loaded).toContain(CLI);
  expect(loaded.filter(reads)).toEqual([]);
});

test('the licence of each package that is part of a bundle goes with it', () => {
  const licenses = readFileSync(join(dirname(CLI), 'LICENSES.txt'), 'utf8');
  for (const name of ['commander', 'picocolors', 'npm-package-arg', 'hosted-git-info', 'lru-cache', 'semver'])
    expect(licenses).toMatch(new RegExp(`^${name}\n\n[^]*?Permission`, 'm'));
});

const keepsCompiled = Number(process.versions.node.split('.')[0]) >= 24;

test.runIf(keepsCompiled)('Node keeps what it compiled, in a folder of the user’s own', () => {
  expect(run().status).toBe(0);
  const compiled = join(folder, 'cache/shakedown/compiled');
  expect(lstatSync(compiled).mode & 0o077).toBe(0);
});

test.runIf(keepsCompiled)('a folder that others can write to is not run from', () => {
  const compiled = join(folder, 'cache/shakedown/compiled');
  mkdirSync(compiled, { recursive: true });
  chmodSync(compiled, 0o777);
  expect(run().status).toBe(0);
  expect(readdirSync(compiled)).toEqual([]);
});

test('a home that cannot be written to costs nothing', () => {
  const { status, stderr } = run({ XDG_CACHE_HOME: '/proc/none' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
