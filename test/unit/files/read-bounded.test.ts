import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readUpTo } from '../../../src/files/read-bounded.ts';

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'read-bounded-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'file');
}

test.each([0, 1, 1024 * 1024, 3 * 1024 * 1024 + 1])(
  'a file of %s bytes is read, if no fewer are wanted',
  (size) => {
    const path = place();
    writeFileSync(path, Buffer.alloc(size, 'a'));
    expect(readUpTo(path, size)?.length).toBe(size);
    expect(readUpTo(path, size + 1)?.equals(Buffer.alloc(size, 'a'))).toBe(true);
    if (size > 0) expect(readUpTo(path, size - 1)).toBeUndefined();
  },
);

test.skipIf(process.platform === 'win32')('nobody is waited for, and what has no end is too long', () => {
  expect(readUpTo('/dev/zero', 100)).toBeUndefined();
  const path = place();
  execFileSync('mkfifo', [path]);
  // Nobody has opened it for writing.
  expect(readUpTo(path, 100)?.length).toBe(0);
});
