/** `shakedown package` of a whole workspace, on other Nodes, and with other peers: one run with a component for each. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publish, tryPackage, writePackage } from '../rig/packages.ts';
import { type Published, Registry } from '../rig/registry.ts';
import { Rig } from '../rig/rig.ts';
import { isThorough } from '../rig/thorough.ts';

const verdicts = (rig: Rig): Readonly<Record<string, string>> =>
  Object.fromEntries(rig.report().components.map(({ name, verdict }) => [name, verdict]));

const messages = (rig: Rig): readonly string[] =>
  rig.report().components.flatMap(({ findings }) => findings.map(({ message }) => message));

const steps = (rig: Rig): readonly (readonly [string, string])[] =>
  rig.report().setup.map(({ name, outcome }) => [name, outcome]);

test('each public package of a workspace is tried with its neighbours, whatever the registry has', async () => {
  await using rig = await Rig.create();
  // That of the registry is older, and lacks what the neighbours use.
  const core = publish(rig, 'core', {}, { 'index.js': 'exports.one = 1;\n' });
  await using registry = await Registry.start([core]);
  const add = (name: string, manifest: object, index: string): string =>
    writePackage(rig, `mono/packages/${name}`, { name, ...manifest }, { 'index.js': index });
  writePackage(rig, 'mono', { private: true, workspaces: ['packages/*'] }, {});
  add('core', { version: '1.1.0' }, 'exports.two = () => 2;\n');
  add('mid', { dependencies: { core: '^1.0.0' } }, "require('core').two();\n");
  add('top', { dependencies: { mid: '^1.0.0' } }, "require('mid');\n");
  add('careless', { dependencies: { mid: '^1.0.0' } }, "require('forgotten');\n");
  add('needy', { dependencies: { inner: 'workspace:*' } }, "require('inner');\n");
  add('inner', { private: true }, "require('nothing');\n");
  const env = { npm_config_registry: registry.url };
  const args = [
    './mono',
    'entries',
    '--workspaces',
    '--report',
    'junit=junit.xml',
    '--report',
    'html=a.html',
  ];
  const { code, stdout } = await tryPackage(rig, args, env).exit();
  expect(code, stdout).toBe(1);
  expect(verdicts(rig)).toEqual({
    'careless:entries': 'failed',
    'core:entries': 'passed',
    'mid:entries': 'passed',
    'top:entries': 'passed',
  });
  expect(messages(rig)[0]).toContain('index.js loads forgotten, which its package.json does not declare');
  expect(steps(rig)).toEqual([
    ['install careless', 'done'],
    ['install core', 'done'],
    ['install mid', 'done'],
    ['install needy', 'failed'],
    ['install top', 'done'],
  ]);
  expect(rig.report().setup[3]?.findings).toMatchObject([
    {
      code: 'setup-failed',
      message: expect.stringContaining('npm leaves "inner": "workspace:*" in it, which nobody can install'),
    },
  ]);
  for (const file of ['junit.xml', 'a.html'])
    for (const name of ['careless:entries', 'top:entries']) expect(rig.read(file)).toContain(name);
  expect(registry.asked).not.toContain('core');

  // A package by itself is tried with its neighbours as well.
  const alone = await tryPackage(rig, ['./mono/packages/top', 'entries'], env).exit();
  expect(alone.code, alone.stdout).toBe(0);
  expect(verdicts(rig)).toEqual({ entries: 'passed' });

  const refused = await tryPackage(rig, ['./mono/packages/top', '--workspaces'], env).exit();
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('packages/top is not the root of a workspace');
});

/** A Node of another version, as far as its package says: it is the one of the tests, and leaves a mark on what it runs. */
function otherNode(rig: Rig, version: string): Published {
  const node = `#!/bin/sh\nOTHER_NODE=${version} exec '${process.execPath}' "$@"\n`;
  const manifest = { version, bin: { node: 'bin/node' } };
  return publish(rig, `node-${process.platform}-${process.arch}`, manifest, { 'bin/node': node });
}

test('a package is loaded by each Node that is asked for, unless it excludes that', async () => {
  await using rig = await Rig.create();
  await using registry = await Registry.start([otherNode(rig, '99.1.0'), otherNode(rig, '98.0.0')]);
  const env = { npm_config_registry: registry.url };
  const seen = join(rig.dir, 'seen.txt');
  writePackage(
    rig,
    'choosy',
    { engines: { node: '<99' }, bin: './cli.js', scripts: { postinstall: 'node look.js' } },
    {
      'index.js': "if (process.env.OTHER_NODE) throw new TypeError('x is not a function');\n",
      'cli.js': '#!/usr/bin/env node\nif (process.env.OTHER_NODE) process.abort();\n',
      'look.js': `require('fs').appendFileSync('${seen}', 'by ' + process.env.OTHER_NODE + '\\n');\n`,
    },
  );
  const major = process.versions.node.split('.')[0] ?? '';
  const args = ['./choosy', 'entries', 'bin:choosy', '--node', `${major},98,99`];
  const { code, stdout } = await tryPackage(rig, args, env).exit();
  expect(code, stdout).toBe(1);
  expect(verdicts(rig)).toEqual({
    'all@node99': 'skipped',
    [`entries@node${major}`]: 'passed',
    'entries@node98': 'failed',
    [`bin:choosy@node${major}`]: 'passed',
    'bin:choosy@node98': 'failed',
  });
  expect(messages(rig).some((each) => each.includes('x is not a function'))).toBe(true);
  expect(stdout).toContain('choosy@1.0.0 needs Node.js <99, and this is 99.1.0');
  expect(rig.read('seen.txt')).toContain('by 98.0.0');
});

test.each([
  ['20,', 'Versions are separated by commas'],
  ['lts', 'Versions are separated by commas'],
])('--node %j is a mistake', async (versions, message) => {
  await using rig = await Rig.create();
  const { code, stderr } = await rig.start(['package', '.', '--node', versions]).exit();
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test.runIf(isThorough)('a real Node of another version loads a package in all ways', async () => {
  await using rig = await Rig.create();
  writePackage(rig, 'sound', {}, { 'index.js': 'exports.answer = 42;\n' });
  const other = process.versions.node.startsWith('22.') ? '24' : '22';
  const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
  const args = ['./sound', 'entries', 'init', 'threads', '--node', other];
  const { code, stdout } = await tryPackage(rig, args, { npm_config_registry: registry }).exit();
  expect(code, stdout).toBe(0);
  expect(Object.keys(verdicts(rig))).toEqual(
    ['entries', 'init', 'threads'].map((each) => `${each}@node${other}`),
  );
});

test('a package is loaded with its peers at both ends of what it allows', async () => {
  await using rig = await Rig.create();
  const host = (version: string, files: Readonly<Record<string, string>>): Published =>
    publish(rig, 'host', { version }, { 'index.js': 'exports.host = 1;\n', ...files });
  await using registry = await Registry.start([
    host('1.0.0', {}),
    host('1.5.0', { 'part.js': '' }),
    host('2.0.0', { 'part.js': '' }),
  ]);
  const env = { npm_config_registry: registry.url };
  const guest = (range: string): void => {
    const optional = { host: { optional: true } };
    const manifest = { peerDependencies: { host: range }, peerDependenciesMeta: optional };
    writePackage(rig, 'guest', manifest, { 'index.js': "require('host/part');\n" });
  };
  const args = ['./guest', 'entries', '--peers', 'lowest,highest'];
  guest('^1.0.0 || ^2.0.0');
  const { code, stdout } = await tryPackage(rig, args, env).exit();
  expect(code, stdout).toBe(1);
  expect(verdicts(rig)).toEqual({ 'entries@peers-lowest': 'failed', 'entries@peers-highest': 'passed' });
  expect(messages(rig)[0]).toContain('index.js loads host/part, which host@1.0.0 does not have');
  expect(steps(rig).map(([name]) => name)).toEqual([
    'install@peers-lowest (host@1.0.0)',
    'install@peers-highest (host@2.0.0)',
  ]);

  if (!isThorough) return;
  guest('^1.5.0 || ^2.0.0');
  const mended = await tryPackage(rig, args, env).exit();
  expect(mended.code, mended.stdout).toBe(0);

  // One choice is tried once.
  guest('^2.0.0');
  expect((await tryPackage(rig, args, env).exit()).code).toBe(0);
  expect(verdicts(rig)).toEqual({ 'entries@peers-lowest': 'passed' });
});
