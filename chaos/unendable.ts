/**
 * What Shakedown may not end: who has become another user, and who is frozen. No tier promises anything of these, yet the
 * run is to end in time and to tell of them. Only root can prepare them, and where they cannot be they are left out loudly.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Behaviour, programPath, type Site } from './behaviours.ts';
import { attempt, type Say } from './daemons.ts';

const isRoot = process.getuid?.() === 0;
/** Whom root becomes. */
const NOBODY = 65_534;
const SETUID = 0o4000;
const FREEZER = '/sys/fs/cgroup/freezer';

/** @param cache folder for what is made once; where the harness is an ordinary user, root has put `other-user` there */
export function unendable(cache: string, python: string, say: Say): Behaviour[] {
  return [
    attempt('setuid', say, () => setuid(join(cache, 'other-user'))),
    attempt('unkillable', say, () => unkillable(python)),
  ].flatMap((behaviour) => behaviour ?? []);
}

/** For root it becomes nobody, whom root may end as it may end anybody; for an ordinary user it becomes root. */
function setuid(program: string): Behaviour {
  if (isRoot) build(program);
  const isThere = existsSync(program) && (statSync(program).mode & SETUID) !== 0;
  if (!isThere || statSync(program).uid === process.getuid?.())
    throw new Error(`root must build ${program} of chaos/behaviours/other-user.c, with mode 4755`);
  const release = ({ folder }: Site): void => writeFileSync(join(folder, 'release'), '');
  return {
    name: 'setuid',
    births: 1,
    command: () => [program],
    // Another one of it would have to be released as well.
    isSteady: false,
    ...(isRoot ? {} : { unendable: { role: 'other-user', prepare: () => {}, release, remove: () => {} } }),
  };
}

function build(program: string): void {
  mkdirSync(join(program, '..'), { recursive: true });
  execFileSync('cc', ['-O1', '-o', program, programPath('other-user.c')]);
  chownSync(program, NOBODY, NOBODY);
  chmodSync(program, SETUID | 0o755);
}

function unkillable(python: string): Behaviour {
  if (!isRoot || !existsSync(FREEZER))
    throw new Error(`it takes root, and the freezer of control groups version 1 at ${FREEZER}`);
  const group = ({ folder }: Site): string => join(FREEZER, `chaos${folder.replaceAll('/', '-')}`);
  return {
    name: 'unkillable',
    births: 1,
    command: (site) => [python, '-S', '-B', programPath('frozen.py'), group(site)],
    isSteady: false,
    unendable: {
      role: 'frozen',
      prepare: (site) => mkdirSync(group(site)),
      release: (site) => writeFileSync(join(group(site), 'freezer.state'), 'THAWED'),
      remove: (site) => rmdirSync(group(site)),
    },
  };
}
