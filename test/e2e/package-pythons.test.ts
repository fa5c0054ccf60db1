/** `shakedown package --python`: a Python package on several Pythons, one of which pyenv has, and one uv. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { wheelOf } from '../rig/wheel.ts';

/** The machine's own Python, and not a shim that looks for it each time. */
const OWN = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();

/** Calls itself another version when it is asked, and is the machine's own Python for all else. */
const CALLED = (version: string): string => `#!/bin/sh
if [ "$1" = -I ] && [ "$2" = -c ]; then
  ${OWN} -I -c "$3" | sed 's/"version": "[^"]*"/"version": "${version}"/; s|"path": "[^"]*"|"path": "'"$0"'"|'
else
  exec ${OWN} "$@"
fi
`;

test('each Python that was asked for has an environment and components of its own', async () => {
  await using rig = await Rig.create();
  const { name, bytes } = wheelOf({ name: 'sound' }, { 'sound/__init__.py': 'answer = 42\n' });
  rig.write(name, bytes);
  rig.write('pyenv/versions/3.98.1/bin/python3', CALLED('3.98.1'), 0o755);
  rig.write('uv/cpython-3.99.0+freethreaded-linux-x86_64-gnu/bin/python3', CALLED('3.99.0t'), 0o755);
  rig.write('uv/cpython-3.97.0-linux-x86_64-gnu/bin/python3', 'exit 1\n', 0o755);
  const env = {
    ...{ XDG_CACHE_HOME: join(rig.dir, 'cache'), PIP_NO_INDEX: '1', PATH: '/usr/bin:/bin' },
    ...{ PYENV_ROOT: join(rig.dir, 'pyenv'), UV_PYTHON_INSTALL_DIR: join(rig.dir, 'uv') },
  };
  const started = (pythons: string) =>
    rig.start(['package', `./${name}`, 'entries', '--python', pythons, '--report', 'json=report.json'], env);
  const { code, stdout } = await started('3.98,3.99t').exit();
  expect(code, stdout).toBe(0);
  const { suite, setup, components } = rig.report();
  expect(suite).toBe('sound@1.0');
  expect(setup.map((step) => step.name)).toEqual(['install@python3.98', 'install@python3.99t']);
  expect(components.map((each) => `${each.name}: ${each.verdict}`)).toEqual([
    'entries@python3.98: passed',
    'entries@python3.99t: passed',
  ]);
  const absent = await started('3.98,3.97').exit();
  expect(absent.code).toBe(2);
  expect(absent.stderr).toMatch(/there is no Python 3\.97 here: found .*3\.98\.1, 3\.99\.0t/);
  const old = await started('2.7').exit();
  expect([old.code, old.stderr]).toEqual([2, expect.stringContaining('a trial needs 3.8 or newer')]);
});
