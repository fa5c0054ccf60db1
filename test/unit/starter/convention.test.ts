/** The config of a folder of scripts is the convention written out: both are read as the same suite. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConvention } from '../../../src/config/convention.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { lookAtProject } from '../../../src/starter/look/index.ts';
import { propose } from '../../../src/starter/propose/index.ts';
import { configText } from '../../../src/starter/write.ts';

const LIBRARY = resolve(import.meta.dirname, '../../../src/index.ts');
const FILES = [['setup'], ['thread'], ['http', 'client'], ['init'], ['typestubs.py']];
const SUBSETS = Array.from({ length: 2 ** FILES.length }, (_, bits) =>
  FILES.flatMap((names, index) => ((bits >> index) & 1 ? names : [])),
).filter((names) => names.some((name) => name !== 'setup'));

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shakedown-convention-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(dir: string, names: readonly string[]): void {
  mkdirSync(join(root, dir), { recursive: true });
  for (const name of names) {
    writeFileSync(join(root, dir, name), '#!/bin/sh\ntrue\n');
    chmodSync(join(root, dir, name), 0o755);
  }
}

async function bothOf(dir: string) {
  const options = { cwd: root, port: 8001, daemon: true, memory: 'debug', raw: false } as const;
  const byConvention = await loadConvention(dir, options);
  const file = join(root, 'shakedown.config.ts');
  const proposal = propose(lookAtProject(root, dir, process.env.PATH));
  writeFileSync(file, configText(proposal));
  const byConfig = await loadConfig(file, { cwd: root, library: LIBRARY });
  if (!byConvention.ok || !byConfig.ok) throw new Error(JSON.stringify([byConvention, byConfig]));
  return { convention: byConvention.value, config: byConfig.value, proposal };
}

test.each(SUBSETS.map((names) => [names.join(' '), names] as const))('%s', async (_, names) => {
  write('integration', names);
  const { convention, config } = await bothOf('integration');
  expect(config.components).toEqual(convention.components);
  expect(config.setup).toEqual(convention.setup);
  expect(config.memory).toBe(convention.memory);
  expect(config.env).toEqual(convention.env);
});

test.each(['python3', 'node', 'sh'])('a thread in %s is looked at as closely', async (interpreter) => {
  write('integration', ['thread']);
  writeFileSync(join(root, 'integration/thread'), `#!/usr/bin/env ${interpreter}\n`);
  const { convention, config } = await bothOf('integration');
  expect(config.components).toEqual(convention.components);
});

test('in a folder of another name, further down', async () => {
  write('test/trial', ['thread', 'http', 'client']);
  const { convention, config } = await bothOf('test/trial');
  expect(config.components).toEqual(convention.components);
});

test('programs that the folder has for itself are found', async () => {
  write('integration', ['thread']);
  write('integration/node_modules/.bin', ['tool']);
  const { proposal } = await bothOf('integration');
  expect(proposal.suite.components.thread).toMatchObject({
    run: 'PATH="$PWD/node_modules/.bin:$PATH" exec ./thread',
    cwd: 'integration',
  });
});

describe('what the convention refuses', () => {
  test('a server without a client gets the built-in one', async () => {
    write('integration', ['http']);
    const { suite } = propose(lookAtProject(root, 'integration', undefined));
    expect(suite.components.http).toMatchObject({
      kind: 'http',
      client: { kind: 'load' },
      services: { http: { port: 8001 } },
    });
  });

  test('a script that cannot be run is left out and told', async () => {
    write('integration', ['thread', 'init']);
    chmodSync(join(root, 'integration/init'), 0o644);
    const { suite, notes } = propose(lookAtProject(root, 'integration', undefined));
    expect(Object.keys(suite.components)).toEqual(['thread']);
    expect(notes).toEqual(['integration/init is not executable: chmod +x integration/init']);
  });
});

describe('what the scripts need of the project', () => {
  const put = (path: string, content: string | object, mode = 0o644): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
    chmodSync(join(root, path), mode);
  };
  const thread = (text: string): void => put('integration/thread', text, 0o755);
  const NODE = '#!/usr/bin/env node\n';
  const PYTHON = '#!/usr/bin/env python3\n';
  const found = () => propose(lookAtProject(root, 'integration', process.env.PATH));
  const runs = () =>
    (found().suite.setup ?? []).map((each) => (typeof each === 'object' && 'run' in each ? each.run : each));
  const library = (more: object = {}): void => {
    put('package.json', {
      name: 'words',
      exports: './dist/index.js',
      scripts: { build: 'tsc -p .' },
      ...more,
    });
    put('src/index.ts', '');
  };

  test.each([
    ['by its name', "import { count } from 'words';\n"],
    ['by the path of what is built', "import '../dist/index.js';\n"],
    ['as the folder above', "require('..');\n"],
    ['by a call', "spawn('node', ['../dist/server.js']);\n"],
  ])('is built if it is missing and imported %s', (_, text) => {
    library();
    thread(`${NODE}${text}`);
    expect(found().suite.setup).toMatchObject([
      { run: 'npm run build', name: 'build', inputs: ['package.json', 'src'], outputs: ['dist'] },
    ]);
    expect(found().seen).toContainEqual({
      what: 'build',
      text: expect.stringMatching(/^npm run build \(integration\/ uses dist\/\w+\.js, which is missing\)$/),
    });
  });

  test('is not built if it is there and belongs to the project, or is not imported', () => {
    library();
    thread(`${NODE}import 'node:fs';\n`);
    expect(runs()).toEqual([]);
    thread(`${NODE}import 'words';\n`);
    put('dist/index.js', '');
    expect(runs()).toEqual([]);
  });

  test('is built if it is there, but git ignores it', () => {
    library();
    thread(`${NODE}import 'words';\n`);
    put('dist/index.js', '');
    execFileSync('git', ['init', '--quiet'], { cwd: root });
    put('.gitignore', 'dist\n');
    expect(runs()).toEqual(['npm run build']);
  });

  test('an import of TypeScript by the name that it will have is no build', () => {
    library();
    thread(`${NODE}import '../src/index.js';\n`);
    expect(runs()).toEqual([]);
  });

  test.each([
    [{ prepare: 'tsc' }, ['npm run prepare']],
    [{ prepare: 'husky' }, []],
  ])('the scripts %j build it by %j', (scripts, expected) => {
    library({ scripts });
    thread(`${NODE}import 'words';\n`);
    expect(runs()).toEqual(expected);
    expect(found().notes.length).toBe(expected.length === 0 ? 1 : 0);
  });

  test('an addon is built', () => {
    put('package.json', { name: 'answer', main: 'index.js', scripts: { build: 'node-gyp rebuild' } });
    put('index.js', '');
    put('binding.gyp', '{}');
    put('answer.c', '');
    thread(`${NODE}require('..');\n`);
    expect(found().suite.setup).toMatchObject([{ run: 'npm run build', outputs: ['build'] }]);
  });

  test('packages are installed first where the scripts or the build need them, and otherwise not', () => {
    library({ devDependencies: { typescript: '^5.0.0' } });
    thread(`${NODE}import 'words';\n`);
    expect(runs()).toEqual(['npm install', 'npm run build']);
    thread(`${NODE}import 'typescript';\n`);
    expect(runs()).toEqual(['npm install']);
    thread(`${NODE}import 'node:fs';\n`);
    expect(runs()).toEqual([]);
  });

  test('an extension of Python is installed where the scripts find it, unless their setup does so', () => {
    put(
      'pyproject.toml',
      '[build-system]\nbuild-backend = "setuptools.build_meta"\n[project]\nname = "words-of-mine"\n',
    );
    put('setup.py', 'setup(ext_modules=[Extension("words_of_mine", ["words.c"])])');
    thread(`${PYTHON}import words_of_mine\n`);
    expect(runs()).toEqual([
      expect.stringMatching(
        /^python3 -m venv \.venv && \.venv\/bin\/pip install -e \. && echo "PATH=\$PWD\/\.venv\/bin:\$PATH" >> "\$SHAKEDOWN_ENV"$/,
      ),
    ]);
    expect(found().weighty).toHaveLength(1);
    put('integration/setup', '#!/bin/sh\n', 0o755);
    expect(runs()).toEqual([['./setup']]);
  });

  test('an extension that was compiled here, and that git ignores, is compiled for whoever clones it', () => {
    put('setup.py', 'setup(name="words", ext_modules=[Extension("words._native", ["src/words.c"])])');
    put('src/words.c', '');
    put('src/words/_native.so', '');
    thread(`${PYTHON}import sys; sys.path.insert(0, "../src"); import words\n`);
    // What the interpreter of this machine has installed is no matter here: one that has setuptools compiles in place.
    const compile = /^python3 (?:setup\.py build_ext --inplace|-m pip install -e \.)$/;
    expect(runs()).toEqual([]);
    execFileSync('git', ['init', '--quiet'], { cwd: root });
    expect(runs()).toEqual([]);
    put('.gitignore', '*.so\n');
    expect(runs()).toEqual([expect.stringMatching(compile)]);
    expect(found().seen).toContainEqual({
      what: 'build',
      text: expect.stringContaining('(git ignores src/words/_native.so)'),
    });
    put('integration/setup', '#!/bin/sh\n', 0o755);
    expect(runs()).toEqual([['./setup']]);
  });

  test('its own tests are one more component, unless they call these scripts or shakedown', () => {
    const names = (test: string): string[] => {
      library({ scripts: { test } });
      thread(`${NODE}import 'node:fs';\n`);
      return Object.keys(found().suite.components);
    };
    expect(names('node --test')).toEqual(['thread', 'test']);
    expect(names('./integration/thread')).toEqual(['thread']);
    expect(names('shakedown')).toEqual(['thread']);
    expect(names('npm run lint && shakedown --jobs 2')).toEqual(['thread']);
  });
});
