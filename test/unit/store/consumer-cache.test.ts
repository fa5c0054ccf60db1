import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cacheFolder } from '../../../src/store/consumer-cache.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cache-'));
  vi.stubEnv('TMPDIR', join(dir, 'tmp'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

const folder = (): string => cacheFolder('consumers', { XDG_CACHE_HOME: join(dir, 'cache') });

test('what is kept between runs is in a folder for us alone', () => {
  expect(folder()).toBe(join(dir, 'cache/shakedown/consumers'));
  expect((lstatSync(folder()).mode & 0o777).toString(8)).toBe('700');
  expect(folder()).toBe(join(dir, 'cache/shakedown/consumers'));
});

test.each<[string, (path: string) => void]>([
  ['can be written to by others', (path) => chmodSync(path, 0o777)],
  [
    'is a link',
    (path) => {
      rmSync(path, { recursive: true });
      mkdirSync(join(dir, 'theirs'), { recursive: true });
      symlinkSync(join(dir, 'theirs'), path);
    },
  ],
])('and elsewhere when that %s', (_, spoil) => {
  spoil(folder());
  expect(folder()).toBe(join(dir, `tmp/shakedown-${process.geteuid?.()}/cache/consumers`));
  rmSync(join(dir, 'cache'), { recursive: true });
  mkdirSync(join(dir, 'cache/shakedown'), { recursive: true });
  spoil(join(dir, 'cache/shakedown'));
  expect(folder()).toBe(join(dir, `tmp/shakedown-${process.geteuid?.()}/cache/consumers`));
});
