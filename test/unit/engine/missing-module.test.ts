/** A module that was not found, and what makes it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { withMissingModule } from '../../../src/engine/missing-module.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shakedown-missing-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: string | object): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
}
const failed = (error: string, more: Partial<Finding> = {}): Finding =>
  ({
    code: 'exit-code',
    step: 'thread',
    message: `thread exited with code 1: ${error.replaceAll('ROOT', root)}`,
    exitCode: 1,
    signal: null,
    ...more,
  }) as Finding;
const hintFor = (error: string): string | undefined => withMissingModule(failed(error), root).hint;

describe('in Node', () => {
  const library = (more: object = {}): void =>
    write('package.json', { name: 'words', scripts: { build: 'tsc' }, dependencies: { left: '1' }, ...more });

  test.each([
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find module 'ROOT/dist/index.js' imported from ROOT/integration/thread",
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'words' imported from ROOT/integration/thread",
    "Error: Cannot find module '../dist/index.js'",
    "Error: Cannot find module '..'",
    'Error: Could not locate the bindings file. Tried:',
  ])('what is built is hinted at: %s', (error) => {
    library();
    expect(hintFor(error)).toContain('the project has to be built first: npm run build (');
  });

  test('by the manager of the lock file', () => {
    library();
    write('pnpm-lock.yaml', '');
    expect(hintFor("Error: Cannot find module '../dist/index.js'")).toContain('first: pnpm run build (');
  });

  test('a package that is asked for is not installed', () => {
    library();
    expect(hintFor("Error: Cannot find module 'left/pad'")).toContain('installed first: npm install (');
  });

  test.each([
    "Error: Cannot find module './helper.js'",
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find module 'ROOT/integration/helper.js'",
    "Error: Cannot find module 'unheard-of'",
    "AssertionError: could not find 'dist/index.js'",
  ])('where nothing is known nothing is said: %s', (error) => {
    library();
    expect(hintFor(error)).toBeUndefined();
  });

  test('nor where no script builds it', () => {
    library({ scripts: { test: 'node --test' } });
    expect(hintFor("Error: Cannot find module '../dist/index.js'")).toBeUndefined();
  });
});

describe('in Python', () => {
  const NO_MODULE = "ModuleNotFoundError: No module named 'words_of_mine._fast'";

  test('the project itself is not installed', () => {
    write('pyproject.toml', '[project]\nname = "words-of-mine"\n');
    expect(hintFor(NO_MODULE)).toContain('installed first: python3 -m pip install -e . (');
  });

  test('a requirement is not installed', () => {
    write('requirements.txt', 'words-of-mine==1.0\n');
    expect(hintFor(NO_MODULE)).toContain('python3 -m pip install -r requirements.txt (');
  });

  test('of another module nothing is known', () => {
    write('pyproject.toml', '[project]\nname = "other"\n');
    expect(hintFor(NO_MODULE)).toBeUndefined();
  });
});

test('a hint that is there stays', () => {
  write('package.json', { scripts: { build: 'tsc' } });
  const finding = failed("Error: Cannot find module '../dist/a.js'", { hint: 'look there' });
  expect(withMissingModule(finding, root)).toBe(finding);
});

describe('what the setup has run is not advised again', () => {
  const hintAfter = (error: string, ...ran: string[]): string | undefined =>
    withMissingModule(failed(error), root, ran).hint;
  const NATIVE = "ModuleNotFoundError: No module named 'fastsum._native'";

  test('a package whose sources are found before what was installed', () => {
    write('pyproject.toml', '[project]\nname = "fastsum"\n');
    write('src/fastsum/__init__.py', '');
    expect(hintAfter(NATIVE, 'python3 -m venv .venv && .venv/bin/pip install .')).toMatch(
      /^the setup has installed the project, but src\/fastsum\/ is found before .* pip install -e \.$/,
    );
    expect(hintAfter(NATIVE, ".venv/bin/pip install -e '.[test]'")).toMatch(
      /^the setup has installed the project, but for another interpreter/,
    );
    expect(hintAfter(NATIVE, '.venv/bin/pip install -r requirements.txt')).toContain(
      'has to be installed first',
    );
  });

  test('a build of Node', () => {
    write('package.json', { name: 'words', scripts: { build: 'tsc' } });
    expect(hintAfter("Error: Cannot find module '../dist/index.js'", 'npm run build')).toBe(
      'the setup has run npm run build, and this is still not found: look at what that makes, and where',
    );
  });
});
