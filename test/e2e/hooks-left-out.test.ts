/** Processes that the import hooks cannot enter, or cannot report from: `prove` says so, and nothing else of the check. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { inTurn } from '../rig/thorough.ts';

const isRoot = process.getuid?.() === 0;
/** The interpreter itself: another user may not read what a manager of versions puts in front of it. */
const PYTHON = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).trim();

interface Report {
  readonly exitCode: number;
  readonly components: readonly {
    readonly name: string;
    readonly findings: readonly { readonly code: string; readonly message: string; readonly hint?: string }[];
    readonly trial?: {
      readonly of: string;
      readonly fault: string;
      readonly subject: string | null;
      readonly judgement: { readonly outcome: string; readonly message: string } | null;
    };
  }[];
}

/** What is found of each fault, as `component subject fault`, and of each control. */
async function proved(rig: Rig, faults: readonly string[]): Promise<Record<string, string>> {
  const words = faults.flatMap((fault) => ['--fault', fault]);
  const { stdout } = await rig.run(['prove', '--json', '--jobs', '2', ...words]);
  const { components } = JSON.parse(stdout) as Report;
  return Object.fromEntries(
    components.map(({ name, trial, findings }) => {
      const told = findings.map(({ code, message, hint }) => `${code}: ${message} → ${hint ?? ''}`).join();
      if (trial === undefined) return [name, told];
      const key = [trial.of, trial.subject, trial.fault].filter(Boolean).join(' ');
      return [key, trial.judgement === null ? told : `${trial.judgement.outcome}: ${told}`];
    }),
  );
}

const PYTHON_FILES = {
  'pyproject.toml': '[project]\nname = "sums"\n',
  'sums/__init__.py': 'def add(a, b): return a + b\n',
  'check.py': `import os, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sums import add
if "drop" in sys.argv: os.setuid(65534)
if "fork" in sys.argv:
    if os.fork() == 0:
        os.setuid(65534)
        os._exit(0 if add(1, 2) == 3 else 1)
    sys.exit(os.WEXITSTATUS(os.wait()[1]))
assert add(1, 2) == 3
`,
  'replaced.sh': '#!/bin/sh\nPYTHONPATH=. python3 check.py\n',
  'kept.sh': '#!/bin/sh\nPYTHONPATH=".:$PYTHONPATH" python3 check.py\n',
};

/** What is said, and what to do: `not-reached` is never a failure of the check. */
const leftOut = (reason: string, advice: string): unknown =>
  expect.stringMatching(new RegExp(`^not-reached: not-reached: .*${reason}.* → .*${advice}`));

/** Half of the components; all of them, where nothing is left out. */
const chosen = <T>(components: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(inTurn(Object.entries(components), 2));

/** Of what would be expected of all components, what is about those that are tried: something of each. */
function expectedOf(components: object, expected: Readonly<Record<string, unknown>>): object {
  const componentOf = (name: string): string => name.split(' ')[0] ?? '';
  const about = Object.entries(expected).filter(([name]) => Object.hasOwn(components, componentOf(name)));
  expect(new Set(about.map(([name]) => componentOf(name)))).toEqual(new Set(Object.keys(components)));
  return Object.fromEntries(about);
}

const command = (run: string | readonly string[], more: object = {}) => ({ kind: 'command', run, ...more });

async function project(files: Readonly<Record<string, string>>, components: object): Promise<Rig> {
  const rig = await Rig.create();
  // Other users read the project as well.
  chmodSync(rig.dir, 0o755);
  for (const [name, text] of Object.entries(files)) rig.write(name, text, 0o755);
  rig.config({ components });
  return rig;
}

test('Python: without its environment, its site, or the rights of who started it', async () => {
  const components = chosen({
    isolated: command('python3 -I check.py'),
    bare: command('python3 -sE check.py'),
    cleared: command('env -i PATH="$PATH" python3 check.py'),
    siteless: command('python3 -S check.py'),
    kept: command('./kept.sh'),
    replaced: command('./replaced.sh'),
    another: command(['python3', '-c', '1']),
    quiet: command(['sh', '-c', 'x=-I; exec python3 $x check.py']),
    ...(isRoot
      ? {
          user: command('setpriv --reuid 65534 --clear-groups /usr/bin/python3 check.py'),
          dropped: command([PYTHON, 'check.py', 'drop']),
          forked: command([PYTHON, 'check.py', 'fork']),
        }
      : {}),
  });
  await using rig = await project(PYTHON_FILES, components);
  const never = (name: string): string => `${name} sums wrong-result`;
  const found = await proved(rig, ['wrong-result']);
  const expected = {
    'isolated control': '',
    [never('isolated')]: leftOut(
      '`python3 -I` in its command leaves out `sitecustomize`',
      'without -I, -E and -S',
    ),
    [never('bare')]: leftOut('`python3 -sE` in its command', 'without -I'),
    [never('siteless')]: leftOut('`python3 -S` in its command', 'without -I'),
    [never('cleared')]: leftOut('`env -i` in its command empties the environment', 'pass on SHAKEDOWN_FAULT'),
    [never('replaced')]: leftOut(
      '`PYTHONPATH=.` in ./replaced.sh replaces PYTHONPATH',
      'keep what PYTHONPATH had',
    ),
    [never('quiet')]: leftOut(
      'no process of quiet has loaded the hooks: either it starts no Python',
      'name the module',
    ),
    [never('another')]: leftOut(
      'another never imported sums: the hooks were in 1 process of Python',
      'name the module',
    ),
    'kept add wrong-result': 'proved: ',
    [never('user')]: leftOut('`setpriv` in its command starts it as another user', 'prove it as one user'),
    'dropped control': '',
    [never('dropped')]: leftOut(
      'no call was recorded: 1 process with the hooks did not record the end',
      'the user who',
    ),
    [never('forked')]: leftOut(
      'no call was recorded: 1 process with the hooks did not record the end',
      'the user who',
    ),
  };
  expect(found).toMatchObject(expectedOf(components, expected));
});

const NODE_FILES = {
  'package.json': JSON.stringify({
    name: 'sums',
    exports: './sums.mjs',
    scripts: { guarded: 'node $GUARD --allow-fs-read=* check.mjs' },
  }),
  'sums.mjs': 'export const add = (a, b) => a + b;\n',
  'check.mjs': `import { add } from 'sums';
if (process.argv.includes('drop')) process.setuid(65534);
if (add(1, 2) !== 3) throw Error('wrong');
console.log('hello');
`,
};

/** As this Node names it. */
const GUARD = Number(process.versions.node.split('.')[0]) < 23 ? '--experimental-permission' : '--permission';

test('Node: under its permission model, without its environment, or the rights of who started it', async () => {
  const here = `${GUARD} --allow-fs-read=$PWD/*`;
  const components = chosen({
    own: command(`node ${here} check.mjs`, { expect: { output: ['hello'] } }),
    all: command(`node ${GUARD} --allow-fs-read=* check.mjs`),
    options: command('node check.mjs', { env: { NODE_OPTIONS: `${GUARD} --allow-fs-read=*` } }),
    npm: command('npm run --silent guarded', { env: { GUARD } }),
    replaced: command('NODE_OPTIONS=--no-warnings node check.mjs'),
    cleared: command('env -i PATH="$PATH" node check.mjs'),
    kept: command('NODE_OPTIONS="--no-warnings $NODE_OPTIONS" node check.mjs'),
    quiet: command(`x=${GUARD.slice(2)}; node --$x --allow-fs-read=$PWD/* check.mjs`),
    ...(isRoot
      ? {
          user: command('setpriv --reuid 65534 --clear-groups node check.mjs'),
          dropped: command('node check.mjs drop'),
        }
      : {}),
  });
  await using rig = await project(NODE_FILES, components);
  const never = (name: string): string => `${name} sums wrong-result`;
  const found = await proved(rig, ['wrong-result', 'expected-output']);
  const controls = Object.entries(found).filter(([name]) => name.endsWith(' control'));
  expect(controls.filter(([, told]) => told !== '')).toEqual([]);
  const guarded = leftOut(`\`${GUARD}\` in its command`, 'without its permission model');
  const expected = {
    [never('all')]: guarded,
    [never('own')]: guarded,
    // What needs no hook is proved all the same.
    'own "hello" expected-output': 'proved: ',
    [never('npm')]: leftOut('', ''),
    [never('options')]: leftOut(`NODE_OPTIONS has ${GUARD}`, 'without that option'),
    [never('cleared')]: leftOut('`env -i` in its command', 'pass on SHAKEDOWN_FAULT'),
    [never('replaced')]: leftOut('`NODE_OPTIONS=--no-warnings` in its command', 'keep what NODE_OPTIONS had'),
    'kept add wrong-result': 'proved: ',
    [never('quiet')]: expect.stringMatching(/^not-reached: not-reached: .*(?:permission model)/),
    [never('user')]: leftOut('`setpriv` in its command starts it as another user', 'prove it as one user'),
    [never('dropped')]: leftOut('no call was recorded: 1 process', 'the user who'),
  };
  expect(found).toMatchObject(expectedOf(components, expected));
});

/** Fills the disk beneath the records in one of its runs, and passes or fails as ever. */
const FILLS = (run: number): string => `#!/bin/sh
echo >>runs
if [ "$(wc -l <runs)" -eq ${run} ]; then
  dd if=/dev/zero of=.shakedown/full bs=1024 2>/dev/null
  i=0; while (: >.shakedown/f$i) 2>/dev/null; do i=$((i + 1)); done
fi
exec python3 check.py
`;

/** Proves a component that fills the disk in one of its runs. */
async function provedOnFullDisk(run: number): Promise<Record<string, string>> {
  await using rig = await project(
    { ...PYTHON_FILES, 'fills.sh': FILLS(run) },
    { check: command('./fills.sh') },
  );
  const disk = join(rig.dir, '.shakedown');
  mkdirSync(disk, { mode: 0o700 });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k,nr_inodes=128,mode=700', 'full', disk]);
  try {
    return await proved(rig, ['wrong-result']);
  } finally {
    execFileSync('umount', ['--lazy', disk]);
  }
}

describe.runIf(isRoot)(
  'a full disk beneath the records is told, and neither blames nor praises the check',
  () => {
    test.each([
      ['in the control', 2, 'sums'],
      ['in a trial', 3, 'add'],
    ])('%s', async (_, run, subject) => {
      expect(await provedOnFullDisk(run)).toMatchObject({
        'check control': '',
        [`check ${subject} wrong-result`]: leftOut('no space is left on the disk', 'free some space'),
      });
    });

    test('before the control, which cannot even begin', async () => {
      const { 'check control': control } = await provedOnFullDisk(1);
      expect(control).toMatch(/^machine-trouble: .*no space is left on the disk.* → free some space/);
    });
  },
);
