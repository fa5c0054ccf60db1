import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { moveFile } from '../../../src/files/move-file.ts';

/** A file system of memory, which nearly every Linux has. */
const OTHER = '/dev/shm';
const isOther = existsSync(OTHER) && statSync(OTHER).dev !== statSync(tmpdir()).dev;

function moved(below: string): void {
  const [from, to] = [mkdtempSync(join(tmpdir(), 'move-')), mkdtempSync(join(below, 'move-'))];
  try {
    writeFileSync(join(from, 'a'), 'new');
    writeFileSync(join(to, 'b'), 'old');
    moveFile(join(from, 'a'), join(to, 'b'));
    expect(readFileSync(join(to, 'b'), 'utf8')).toBe('new');
    expect([readdirSync(from), readdirSync(to)]).toEqual([[], ['b']]);
    expect(() => moveFile(join(from, 'a'), join(to, 'b'))).toThrow('ENOENT');
  } finally {
    for (const folder of [from, to]) rmSync(folder, { recursive: true });
  }
}

test('a file is moved within a file system', () => moved(tmpdir()));

test.runIf(isOther)('and to another one', () => moved(OTHER));
