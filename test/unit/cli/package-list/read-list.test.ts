/** A list of packages: what its lines mean, and what is wrong with them. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { notForAgents, parseList, readList } from '../../../../src/cli/package-list/read-list.ts';
import { suiteOf } from '../../../../src/cli/package-list/suite.ts';
import { showDiagnostic } from '../../../../src/core/diagnostic.ts';
import type { PackageComponent } from '../../../../src/kinds/package/component.ts';

let cwd: string;

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'shakedown-list-'));
  mkdirSync(join(cwd, 'own'));
  mkdirSync(join(cwd, 'both'));
  writeFileSync(join(cwd, 'both/package.json'), '{ "name": "both" }');
  writeFileSync(join(cwd, 'both/pyproject.toml'), '[project]\n');
  writeFileSync(join(cwd, 'own/package.json'), '{}');
});
afterAll(() => rmSync(cwd, { recursive: true }));

const namesIn = (content: string): string[] => {
  const list = parseList(content, 'list.txt', cwd);
  return list.ok ? list.value.packages.map(({ name }) => name) : [];
};
const mistakesIn = (content: string): string[] => {
  const list = parseList(content, 'list.txt', cwd);
  return list.ok ? [] : list.error.map(showDiagnostic);
};

test('comments, blank lines and line ends of any system are no packages', () => {
  const content =
    '# all of ours\n\n  express@5  # the newest\r\n@scope/name@^1.2\n\t#left-pad\nname@github:user/repository#main\n./own';
  expect(namesIn(content)).toEqual([
    'express@5',
    '@scope/name@^1.2',
    'name@github:user/repository#main',
    './own',
  ]);
});

test('what is named twice is tried once, and that is said', () => {
  const list = parseList('a\nb\na\n', 'list.txt', cwd);
  expect(list).toMatchObject({ ok: true, value: { packages: [{ name: 'a' }, { name: 'b' }] } });
  expect(list.ok && list.value.remarks).toEqual(['list.txt:3: a is in line 1 already, and is tried once']);
});

test('everything that is wrong is said, with its line', () => {
  expect(mistakesIn('express\n./gone\n  --registry=x\n')).toEqual([
    'list.txt:2:1: ./gone does not exist\n  2 | ./gone\n    | ^^^^^^\n  give a folder with a package.json, a tarball, or a package such as express@5',
    expect.stringMatching(/^list\.txt:3:3: "--registry=x" is not the name of a package\n/),
  ]);
});

test('a list without any package is a mistake', () => {
  for (const content of ['', '\n \n', '# express\n'])
    expect(mistakesIn(content)).toEqual([
      'there is no package in list.txt\n  write one on each line, such as express@5 or pypi:attrs',
    ]);
});

test('of a long line only what is around the mistake is shown', () => {
  const [long = ''] = mistakesIn(`express\n  ${'x'.repeat(5000)} ${'y'.repeat(5000)}\n`);
  expect(long.length).toBeLessThan(700);
  expect(long).toMatch(
    /^list\.txt:2:3: "x+…" is not the name of a package\n {2}2 \| {3}x+…\n {4}\| {3}\^{158}\n/,
  );
  const [path = ''] = mistakesIn(`./${'z'.repeat(5000)}`);
  expect(path.length).toBeLessThan(700);
});

test('a list that has no end is none', () => {
  expect(readList('/dev/zero', cwd)).toMatchObject({
    ok: false,
    error: [{ message: '/dev/zero is no list of packages: it has more than 16 MB' }],
  });
});

test('a list may come through a pipe, by and by', () => {
  const pipe = join(cwd, 'pipe');
  execFileSync('mkfifo', [pipe]);
  spawn('/bin/sh', ['-c', 'exec > "$0"; echo express@5; sleep 0.2; echo left-pad', pipe]);
  expect(readList('pipe', cwd)).toMatchObject({
    ok: true,
    value: { packages: [{ name: 'express@5' }, { name: 'left-pad' }] },
  });
});

test('a list that is not there is a mistake', () => {
  expect(readList('none.txt', cwd)).toMatchObject({
    ok: false,
    error: [{ message: expect.stringContaining('the list of packages cannot be read: ENOENT') }],
  });
});

test('what only this machine has, or an address leads to, is not for agents', () => {
  const names = ['express', '@a/b@^1.2 || 3.x', 'c@next', 'd@>=1 <2', 'pypi:attrs', 'pypi:orjson@3.10'];
  const addresses = ['e@http://localhost/e.tgz', 'f@git+ssh://host/f', 'g@npm:other', 'h@user/repository'];
  const list = parseList([...names, './own', 'pypi:./both', ...addresses].join('\n'), 'list.txt', cwd);
  expect(list.ok && notForAgents(list.value).map(({ message }) => message)).toEqual([
    './own is a folder on this machine, which no agent has',
    'pypi:./both is a folder on this machine, which no agent has',
    ...addresses.map((address) => `${address} is not from a registry, and agents try nothing else`),
  ]);
});

test('packages for Python are tried as what they are, wherever their trial is', () => {
  const list = parseList('pypi:attrs>=22,<24\nexpress@5\npypi:./both\n./own', 'list.txt', cwd);
  const { components } = suiteOf(list.ok ? list.value.packages : [], 'list.txt', cwd, { jobs: 1 });
  const named = components.map((each) => {
    const { command } = each as PackageComponent;
    return command[command.indexOf('package') + 1];
  });
  expect(named).toEqual(['pypi:attrs>=22,<24', 'express@5', `pypi:${join(cwd, 'both')}`, join(cwd, 'own')]);
  expect(mistakesIn('./both\npypi:\n')).toEqual([
    expect.stringContaining('./both has a package for npm and one for Python'),
    expect.stringContaining('"pypi:" is not the name of a package'),
  ]);
});
