/** What trials of packages are held against, and what they are made of: real oracles, with their time, and workspaces. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compareWithOracles } from '../../../bench/package/agreement.ts';
import { askOracles } from '../../../bench/package/ask.ts';
import { ORACLES } from '../../../bench/package/oracles.ts';
import { makeWorkspace } from '../../../bench/package/workspace.ts';

type Files = Readonly<Record<string, string | object>>;

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'trials-made-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

function write(dir: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

/** @returns the path of a tarball as npm packs it */
function pack(dir: string, name: string, manifest: object, files: Files): string {
  const from = join(dir, `of-${name}`);
  write(join(from, 'package'), { 'package.json': { name, version: '1.0.0', ...manifest }, ...files });
  const tarball = join(dir, `${name}-1.0.0.tgz`);
  execFileSync('tar', ['-czf', tarball, '-C', from, 'package']);
  return tarball;
}

/** An npm that has these tarballs, and package managers that write down how they are called. */
function environment(dir: string): NodeJS.ProcessEnv {
  const programs = {
    npm: `[ "$1" = pack ] && cp "${dir}/$(echo "$2" | tr @ -).tgz" "$5"\n`,
    pnpm: 'echo "pnpm $*" > called\n',
  };
  for (const [name, script] of Object.entries(programs)) {
    write(dir, { [`bin/${name}`]: `#!/bin/sh\n${script}` });
    chmodSync(join(dir, 'bin', name), 0o755);
  }
  return { ...process.env, PATH: `${join(dir, 'bin')}:${process.env.PATH}` };
}

const COMMONJS = { main: 'index.js', types: 'index.d.ts' };

/** By the code that attw has for it: a package of which the general reason is true. */
const REASONED: Readonly<Record<string, readonly [manifest: object, files: Files, because: RegExp]>> = {
  Untyped: [{}, { 'index.js': 'exports.a = 1;\n' }, /^it has no declarations of its own/],
  CJSResolvesToESM: [
    { type: 'module', exports: './index.js' },
    { 'index.js': 'export const a = 1;\n', 'index.d.ts': 'export declare const a: number;\n' },
    /^an ES module on purpose/,
  ],
  NamedExports: [
    COMMONJS,
    {
      'index.js': 'class Tool {}\nTool.prototype.a = 1;\nconst made = new Tool();\nmodule.exports = made;\n',
      'index.d.ts': 'declare const made: { a: number };\nexport = made;\n',
    },
    /^it is declared by `export =`/,
  ],
};

test.each(Object.entries(REASONED))(
  'attw objects with %s to what the general reason speaks of, and nothing else does',
  { timeout: 60_000 },
  async (code, [manifest, files, because]) => {
    const tarball = pack(folder(), 'lib', manifest, files);
    const objections = await ORACLES.attw(readFileSync(tarball), undefined);
    expect(objections.map((each) => each.code)).toEqual([code]);
    expect(compareWithOracles('lib@1.0.0', { objections, silent: [] }, new Set())).toEqual([
      { says: 'attw', code, answer: { because: expect.stringMatching(because) } },
    ]);
  },
);

test('an oracle that takes longer than it may is silent, and that is said of it', {
  timeout: 60_000,
}, async () => {
  const dir = folder();
  pack(dir, 'lib', {}, { 'index.js': '' });
  const testimony = await askOracles({ spec: 'lib@1.0.0' }, ['lib@1.0.0'], 0.001, environment(dir));
  expect(testimony).toEqual({
    objections: [],
    silent: ['attw', 'publint'].map((oracle) => ({ oracle, because: 'no answer in 0.001 s' })),
  });
});

test('a workspace is made of what was published: neighbours need each other, without scripts', async () => {
  const dir = folder();
  pack(dir, 'core', { scripts: { prepare: 'tsc' }, devDependencies: { typescript: '5' } }, { 'a.js': '' });
  pack(dir, 'ui', { dependencies: { core: '^1.0.0', ms: '^2.0.0' } }, { 'b.js': '' });
  const root = join(dir, 'root');
  mkdirSync(root);
  const members = ['core@1.0.0', 'ui@1.0.0'];
  await makeWorkspace({ manager: 'pnpm', version: '10.22.0', members }, root, environment(dir));
  const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));
  expect(read('package.json')).toMatchObject({ private: true, packageManager: 'pnpm@10.22.0' });
  expect(read('packages/0/package.json')).toEqual({ name: 'core', version: '1.0.0', dependencies: {} });
  expect(read('packages/1/package.json')).toEqual({
    ...{ name: 'ui', version: '1.0.0' },
    dependencies: { core: 'workspace:^', ms: '^2.0.0' },
  });
  expect(readdirSync(join(root, 'packages/1')).sort()).toEqual(['b.js', 'package.json']);
  expect(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')).toContain('packages/*');
  expect(readFileSync(join(root, 'called'), 'utf8')).toBe('pnpm install\n');
});
