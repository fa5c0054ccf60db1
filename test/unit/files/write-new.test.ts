/** A file is written whole, or not at all. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeNew } from '../../../src/files/write-new.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shakedown-write-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('what is there is kept, and a link to nothing is not followed', () => {
  writeNew(join(root, 'a'), 'first');
  expect(() => writeNew(join(root, 'a'), 'second')).toThrow('EEXIST');
  expect(readFileSync(join(root, 'a'), 'utf8')).toBe('first');
  symlinkSync('elsewhere', join(root, 'link'));
  expect(() => writeNew(join(root, 'link'), 'text')).toThrow('EEXIST');
  expect(existsSync(join(root, 'elsewhere'))).toBe(false);
});

test('on a full disk nothing is left of it', (context) => {
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', root], { stdio: 'ignore' });
  if (mounted.status !== 0) context.skip('only root can mount a small file system');
  try {
    expect(() => writeNew(join(root, 'a'), 'x'.repeat(100_000))).toThrow('ENOSPC');
    expect(existsSync(join(root, 'a'))).toBe(false);
  } finally {
    execFileSync('umount', [root]);
  }
});
