import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compilerItself, installedTypescript } from '../../../../src/kinds/types/installed-tsc.ts';

const COMPILER = `node_modules/@typescript/typescript-${process.platform}-${process.arch}`;

let top: string;
let bin: string;

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'tsc-')));
  bin = join(top, 'node_modules/.bin');
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

function program(path: string): string {
  const file = join(top, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

function install(version: string): void {
  program('node_modules/typescript/bin/tsc');
  writeFileSync(
    join(top, 'node_modules/typescript/package.json'),
    JSON.stringify({ name: 'typescript', version }),
  );
  mkdirSync(bin);
  symlinkSync('../typescript/bin/tsc', join(bin, 'tsc'));
}

function installCompiler(): string {
  const file = program(`${COMPILER}/lib/tsc`);
  writeFileSync(join(top, COMPILER, 'package.json'), '{}');
  return file;
}

test('from version 7 on, the compiler is what tsc starts', () => {
  install('7.0.2');
  const compiler = installCompiler();
  expect(compilerItself(`/nowhere:${bin}`)).toBe(compiler);
});

test('the tsc of version 5 is the compiler, whatever is installed beside it', () => {
  install('5.9.3');
  installCompiler();
  expect(compilerItself(bin)).toBe('tsc');
  expect(installedTypescript(bin)).toEqual({ folder: join(top, 'node_modules/typescript'), major: 5 });
});

test('without the package of the compiler, or if tsc is not of npm, it is started as it is', () => {
  expect(compilerItself(bin)).toBe('tsc');
  install('7.0.2');
  expect(compilerItself(bin)).toBe('tsc');
  rmSync(join(bin, 'tsc'));
  program('node_modules/.bin/tsc');
  expect(compilerItself(bin)).toBe('tsc');
  expect(installedTypescript(bin)).toBeUndefined();
});
