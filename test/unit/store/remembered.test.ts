/** What is remembered is found by all that it depends on; a file that is broken or old is as good as none. */
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Remembered } from '../../../src/store/remembered.ts';

test('a value is found by its key alone, until it is old or cannot be read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'remembered-'));
  try {
    const remembered = new Remembered(folder);
    remembered.put(['exports', 1, 'a'], [['import a', {}]]);
    expect(new Remembered(folder).get(['exports', 1, 'a'])).toEqual([['import a', {}]]);
    expect(remembered.get(['exports', 2, 'a'])).toBeUndefined();
    const file = join(folder, readdirSync(folder)[0] ?? '');
    writeFileSync(file, '[["import a"');
    expect(remembered.get(['exports', 1, 'a'])).toBeUndefined();
    writeFileSync(file, '[]');
    utimesSync(file, 0, 0);
    expect(remembered.get(['exports', 1, 'a'])).toBeUndefined();
    remembered.put(['b'], 1);
    expect(readdirSync(folder)).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  new Remembered(join(folder, 'gone')).put(['a'], 1);
});

test('what is found out is kept if it is whole, and asked for once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'remembered-'));
  try {
    const remembered = new Remembered(folder);
    const found = [{ said: 'part' }, { said: 'all' }, { said: 'never asked' }];
    let asked = 0;
    const recall = () =>
      remembered.recall(
        ['a'],
        async () => found[asked++],
        (each) => each?.said === 'all',
      );
    expect([await recall(), await recall(), await recall()]).toEqual([
      { said: 'part' },
      { said: 'all' },
      { said: 'all' },
    ]);
    expect(asked).toBe(2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
