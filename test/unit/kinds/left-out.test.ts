/** What commands give away of processes without the import hooks. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HookedRuntime } from '../../../src/core/module-fault.ts';
import type { Command } from '../../../src/core/suite.ts';
import { saysLeftOut, whyLeftOut } from '../../../src/kinds/common/left-out.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'left-out-'));
  const file = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  file('check.sh', '#!/bin/sh\nset -e\nexec env -i python3 check.py\n');
  file('plain.sh', 'unset NODE_OPTIONS\nnode check.mjs\n');
  file('check.py', '#!/usr/bin/python3 -I\nprint("env -i")\n');
  file('notes.txt', 'sudo rm\n');
  file('package.json', '{ "scripts": { "smoke": "sudo node check.mjs", "other": "env -i node" } }');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shell = (line: string): Command => ({ type: 'shell', line });

test.each<[HookedRuntime, string, string | null]>([
  ['python', 'python3 -I check', '`python3 -I` in its command'],
  ['python', 'python3.12 -B -Es -m pytest', '`python3.12 -B -Es` in its command'],
  ['python', 'cd a && python -S b.py', '`python -S` in its command'],
  ['python', 'pypy3 -sE b.py', '`pypy3 -sE` in its command'],
  ['python', 'python3 -c "x = -I"', null],
  ['python', 'python3 -m pytest -S', null],
  ['python', 'python3 -B -u check.sh.txt', null],
  ['python', 'ipython -I', null],
  ['python', 'env -i A=b python3 a.py', '`env -i` in its command'],
  ['python', 'env --ignore-environment python3', '`env --ignore-environment` in its command'],
  ['python', 'env A=b python3 a.py', null],
  ['python', 'PYTHONPATH=. python3 a.py', '`PYTHONPATH=.` in its command'],
  ['python', 'PYTHONPATH=.:$PYTHONPATH python3 a.py', null],
  ['python', 'PYTHONPATH="a:${PYTHONPATH:-}" python3 a.py', null],
  ['python', 'unset A PYTHONPATH; python3 a.py', '`unset A PYTHONPATH` in its command'],
  ['python', 'NODE_OPTIONS=--a python3 a.py', null],
  ['python', 'sudo -E python3 a.py', '`sudo` in its command'],
  ['python', 'python3 sudo.py', null],
  ['python', 'python3 ./su x', null],
  ['python', 'docker run python a.py', '`docker` in its command'],
  ['python', './check.sh', '`env -i` in ./check.sh'],
  ['python', 'bash -c "./check.sh fast"', '`env -i` in ./check.sh'],
  ['python', './check.py', '`python3 -I` in ./check.py'],
  ['python', 'cat notes.txt', null],
  ['node', 'node --permission a.mjs', '`--permission` in its command'],
  [
    'node',
    'node --experimental-permission --allow-fs-read=* a',
    '`--experimental-permission` in its command',
  ],
  ['node', 'node --permissions a.mjs', null],
  ['node', 'NODE_OPTIONS=--a node b', '`NODE_OPTIONS=--a` in its command'],
  ['node', 'NODE_OPTIONS="$NODE_OPTIONS --a" node b', null],
  ['node', 'NODE_OPTIONS="--a $NODE_OPTIONS" node b', null],
  ['node', 'sh plain.sh', '`unset NODE_OPTIONS` in plain.sh'],
  ['node', 'python3 -I b.py', null],
  ['node', 'npm run smoke', '`sudo` in the script "smoke"'],
  ['node', 'npm run third', null],
])('%s: %s', (runtime, line, said) => {
  const found = saysLeftOut(shell(line), folder, runtime);
  if (said === null) expect(found).toBeUndefined();
  else expect(found?.reason.slice(0, said.length)).toBe(said);
});

test('a program with its arguments is read as it would be written', () => {
  const command: Command = { type: 'argv', argv: ['python3', '-I', 'check.py'] };
  expect(saysLeftOut(command, folder, 'python')?.reason).toMatch(/^`python3 -I` in its command/);
});

test('where nothing gives it away, everything that it may be is named', () => {
  expect(saysLeftOut(null, folder, 'python')).toBeUndefined();
  expect(whyLeftOut(null, folder, 'python').reason).toMatch(
    /no Python \(3\.9 or newer\).*-I, -E or -S.*another user/,
  );
  expect(whyLeftOut(shell('make check'), folder, 'node').reason).toMatch(
    /no Node.*permission model.*another user/,
  );
});
