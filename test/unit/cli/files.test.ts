/** Which changes of files are seen. Real files: a test waits until a change is seen, and never for one that is not. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FileWatch } from '../../../src/cli/watch/files.ts';

const LONG = { timeout: 100_000 };

async function watched(prepare: (write: (path: string) => void, folder: string) => void = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), 'files-'));
  const write = (path: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), String(Math.random()));
  };
  prepare(write, folder);
  const seen = new Set<string>();
  const files = await FileWatch.start(folder, (paths) => {
    for (const path of paths) seen.add(relative(folder, path));
  });
  onTestFinished(() => {
    files.close();
    rmSync(folder, { recursive: true, force: true });
  });
  expect(files.failure).toBeUndefined();
  const sees = (...paths: string[]) => expect.poll(() => [...seen].sort(), LONG).toEqual(paths.sort());
  return { folder, write, sees };
}

test('files that are written, made, moved and removed, however deep, and in folders that are new', async () => {
  const { folder, write, sees } = await watched((make) => {
    make('a.ts');
    make('src/deep/b.ts');
    make('src/old.ts');
  });
  write('a.ts');
  write('src/deep/b.ts');
  rmSync(join(folder, 'src/old.ts'));
  await sees('a.ts', 'src/deep/b.ts', 'src/old.ts');
  write('new/deeper/c.ts');
  await sees('a.ts', 'src/deep/b.ts', 'src/old.ts', 'new/deeper/c.ts');
  renameSync(join(folder, 'new/deeper/c.ts'), join(folder, 'd.ts'));
  await sees('a.ts', 'src/deep/b.ts', 'src/old.ts', 'new/deeper/c.ts', 'd.ts');
});

test('not files that are only there while another one is written', async () => {
  const { folder, write, sees } = await watched((make) => make('a.sh'));
  write('sed1a2b3c');
  renameSync(join(folder, 'sed1a2b3c'), join(folder, 'a.sh'));
  await sees('a.sh');
});

test('not what git ignores, nor what nobody edits', async () => {
  const { write, sees } = await watched((make, folder) => {
    execFileSync('git', ['init', '--quiet'], { cwd: folder });
    writeFileSync(join(folder, '.gitignore'), 'dist/\n*.log\n');
    make('dist/a.js');
    make('node_modules/x/index.js');
    make('src/a.ts');
  });
  for (const path of ['dist/a.js', 'src/x.log', 'node_modules/x/index.js', '.git/x', '.shakedown/runs/x'])
    write(path);
  // Events come in order: what was written before would have been seen by then.
  write('src/a.ts');
  await sees('src/a.ts');
  write('dist/new/b.js');
  write('src/b.ts');
  await sees('src/a.ts', 'src/b.ts');
});
