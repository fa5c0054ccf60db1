/** A project is copied to be built: also into itself, with pipes and links in it, and with its repository. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyProject } from '../../../src/files/copy-project.ts';

let dir: string;
let project: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'shakedown-copy-'));
  project = join(dir, 'project');
  write('pyproject.toml', 'it');
});
afterEach(() => rmSync(dir, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(project, file)), { recursive: true });
  writeFileSync(join(project, file), text);
}

test('a project is copied into its own .shakedown, without what is made again', () => {
  for (const file of ['src/a/venv/b.py', 'env/pyvenv.cfg', 'env/lib/c.py', '.tox/d', 'src/__pycache__/e'])
    write(file, file);
  const copy = join(project, '.shakedown', 'runs', 'copy');
  copyProject(project, copy);
  expect(readFileSync(join(copy, 'src/a/venv/b.py'), 'utf8')).toBe('src/a/venv/b.py');
  for (const left of ['env', '.tox', 'src/__pycache__', '.shakedown', '.git'])
    expect(existsSync(join(copy, left))).toBe(false);
});

test('a pipe is not read, and a link leads to where it led', () => {
  execFileSync('mkfifo', [join(project, 'pipe')]);
  writeFileSync(join(dir, 'README'), 'outside');
  symlinkSync('../README', join(project, 'README'));
  symlinkSync('nowhere', join(project, 'broken'));
  copyProject(project, join(dir, 'far', 'copy'));
  expect(readFileSync(join(dir, 'far', 'copy', 'README'), 'utf8')).toBe('outside');
  expect(existsSync(join(dir, 'far', 'copy', 'pipe'))).toBe(false);
});

test.skipIf(process.getuid?.() === 0)('what this user may not read is left out', () => {
  write('data/secret', 'it');
  write('locked', 'it');
  chmodSync(join(project, 'data'), 0);
  chmodSync(join(project, 'locked'), 0);
  copyProject(project, join(dir, 'copy'));
  chmodSync(join(project, 'data'), 0o700);
  expect(readdirSync(join(dir, 'copy')).sort()).toEqual(['data', 'pyproject.toml']);
});

test.each([
  ['a repository', '', '.git'],
  ['a worktree of one', 'gitdir: ../main/.git/worktrees/it\n', '../main/.git/worktrees/it'],
])('a copy belongs to %s', (_, text, expected) => {
  if (text === '') write('.git/HEAD', '');
  else write('.git', text);
  copyProject(project, join(dir, 'copy'));
  expect(readFileSync(join(dir, 'copy', '.git'), 'utf8')).toBe(`gitdir: ${join(project, expected)}\n`);
});
