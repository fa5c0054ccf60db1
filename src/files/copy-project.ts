/** Copies the folder of a project, for what writes into the folder that it builds. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

/** What is made again when it is needed, and may be large. */
const LEFT_OUT = new Set(['.git', 'node_modules', '.tox', '.nox', '.shakedown', '__pycache__']);
const isVirtualEnvironment = (folder: string): boolean => existsSync(join(folder, 'pyvenv.cfg'));

/** Tools ask git for the version and the files of a project: the copy names its repository, which may be large. */
function referToRepository(folder: string, copy: string): void {
  const git = join(folder, '.git');
  const written = statSync(git).isDirectory() ? '.git' : readFileSync(git, 'utf8').replace(/^gitdir: /, '');
  writeFileSync(join(copy, '.git'), `gitdir: ${resolve(folder, written.trim())}\n`);
}

/** What this user may not read, such as the data of a database, no build of theirs can read either. */
function ifPermitted(copy: () => void): void {
  try {
    copy();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
  }
}

function copyInto(folder: string, copy: string): void {
  mkdirSync(copy, { recursive: true });
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const [from, to] = [join(folder, entry.name), join(copy, entry.name)];
    // It may lead out of the project by a relative path.
    if (entry.isSymbolicLink()) symlinkSync(resolve(folder, readlinkSync(from)), to);
    else if (LEFT_OUT.has(entry.name)) continue;
    else if (entry.isFile()) ifPermitted(() => copyFileSync(from, to));
    else if (entry.isDirectory() && !isVirtualEnvironment(from)) ifPermitted(() => copyInto(from, to));
  }
}

/**
 * Copies files, folders and links, and nothing that would never end (pipes) or has no content (sockets).
 *
 * @param copy absolute path; may be in the `.shakedown` of that folder, which is not copied
 */
export function copyProject(folder: string, copy: string): void {
  copyInto(folder, copy);
  if (existsSync(join(folder, '.git'))) referToRepository(folder, copy);
}
