import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commonFolder, mirror } from '../../../../src/kinds/types/mirror.ts';

let top: string;

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'mirror-')));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(top, path)), { recursive: true });
  writeFileSync(join(top, path), text);
}

function mirrored(copies: Record<string, string>, folders: readonly string[] = []): string {
  const into = join(top, '.state', 'copy');
  mkdirSync(into, { recursive: true });
  const byPath = new Map(Object.entries(copies).map(([path, text]) => [join(top, path), text]));
  mirror(
    top,
    into,
    byPath,
    folders.map((folder) => join(top, folder)),
  );
  return into;
}

test('a copied file is one of its own, and everything else is found beside it', () => {
  write('src/index.d.ts', 'old');
  write('src/other.d.ts', 'other');
  write('data/deep/file.txt', 'data');
  const into = mirrored({ 'src/index.d.ts': 'new' });
  expect(readFileSync(join(into, 'src/index.d.ts'), 'utf8')).toBe('new');
  expect(readFileSync(join(into, 'src/other.d.ts'), 'utf8')).toBe('other');
  expect(readFileSync(join(into, 'data/deep/file.txt'), 'utf8')).toBe('data');
  expect(readFileSync(join(top, 'src/index.d.ts'), 'utf8')).toBe('old');
  expect(realpathSync(join(into, 'src/index.d.ts'))).toBe(join(into, 'src/index.d.ts'));
});

test('the mirror does not contain itself', () => {
  write('a.d.ts', '');
  expect(lstatSync(join(mirrored({ 'a.d.ts': '' }), '.state'), { throwIfNoEntry: false })).toBeUndefined();
});

test('a package that is linked to a mirrored folder is the mirrored one', () => {
  write('packages/lib/index.d.ts', 'old');
  write('node_modules/dependency/index.d.ts', 'dependency');
  mkdirSync(join(top, 'node_modules/@scope'));
  symlinkSync('../../packages/lib', join(top, 'node_modules/@scope/lib'));
  const into = mirrored({ 'packages/lib/index.d.ts': 'new' });
  expect(readFileSync(join(into, 'node_modules/@scope/lib/index.d.ts'), 'utf8')).toBe('new');
  expect(readFileSync(join(into, 'node_modules/dependency/index.d.ts'), 'utf8')).toBe('dependency');
});

test('so is one in a store, where node_modules only has links', () => {
  write('node_modules/.store/lib/node_modules/lib/index.d.ts', 'old');
  symlinkSync('.store/lib/node_modules/lib', join(top, 'node_modules/lib'));
  const into = mirrored({ 'node_modules/.store/lib/node_modules/lib/index.d.ts': 'new' });
  expect(readFileSync(join(into, 'node_modules/lib/index.d.ts'), 'utf8')).toBe('new');
});

test('a folder that files are added to is no link', () => {
  write('scratch/old.txt', '');
  const into = mirrored({}, ['scratch']);
  writeFileSync(join(into, 'scratch/new.txt'), '');
  expect(lstatSync(join(top, 'scratch/new.txt'), { throwIfNoEntry: false })).toBeUndefined();
});

test('the innermost folder of several is found', () => {
  expect(commonFolder(['/a/b/c', '/a/b', '/a/bc'])).toBe('/a');
  expect(commonFolder(['/a/b', '/a/b/c'])).toBe('/a/b');
  expect(commonFolder(['/a', '/b'])).toBe('/');
});
