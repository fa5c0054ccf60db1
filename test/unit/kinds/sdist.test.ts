/** A wheel, and one that is built from the sdist: what differs, and what comes of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainBase } from '../../../src/consumer/trial.ts';
import { ms } from '../../../src/core/units.ts';
import { consequenceOf } from '../../../src/kinds/index.ts';
import { compareWheels, missedByUsers } from '../../../src/kinds/sdist/compare.ts';
import type { SdistComponent } from '../../../src/kinds/sdist/component.ts';
import { runSdist } from '../../../src/kinds/sdist/run.ts';
import type { RunDirectory } from '../../../src/store/run-directory.ts';
import { FakeAttempt } from '../../rig/fake-context.ts';
import { wheelOf } from '../../rig/wheel.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'shakedown-sdist-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

test('what differs from one build tool or machine to the next is no difference', () => {
  const wheel = [
    'lib/__init__.py',
    'lib/_core.cpython-311-x86_64-linux-gnu.so',
    'lib.libs/libz-1234.so',
    'lib-1.0.data/purelib/extra.py',
    'lib-1.0.dist-info/licenses/LICENSE',
  ];
  const built = ['lib/__init__.py', 'lib/_core.py', 'extra.py', 'lib-1.0.dist-info/LICENSE'];
  expect(compareWheels(wheel, built)).toEqual({ missing: [], added: [] });
  expect(compareWheels([...wheel, 'lib/data.json'], [...built, 'lib/b.txt'])).toEqual({
    missing: ['lib/data.json'],
    added: ['lib/b.txt'],
  });
});

test('a pure build of what is compiled elsewhere lacks nothing that users need', () => {
  const tag = 'cpython-311-x86_64-linux-gnu.so';
  const wheel = [
    'lib/__init__.py',
    `lib/__init__.${tag}`,
    `lib/a.${tag}`,
    'lib/a.py',
    `30fcd237__mypyc.${tag}`,
  ];
  const pure = ['lib/__init__.py', 'lib/a.py'];
  expect(compareWheels(wheel, pure)).toEqual({ missing: [], added: [] });
  expect(compareWheels(pure, wheel)).toEqual({ missing: [], added: [] });
  const optional = [`lib/_speedups.${tag}`, 'lib/libown.so', 'lib/tests/data.json'];
  expect(missedByUsers(optional, pure)).toEqual(['lib/libown.so']);
  expect(missedByUsers(optional, wheel)).toEqual([`lib/_speedups.${tag}`, 'lib/libown.so']);
});

const WHEEL = { name: 'lib' };
const FILES = { 'lib/__init__.py': 'a = 1\n', 'lib/data.json': '{}', 'lib/_version.py': 'v = 1\n' };

/** @param built what pip makes of the sdist; or what it prints, and fails */
async function found(built: Readonly<Record<string, string>> | string) {
  const made = wheelOf(WHEEL, FILES);
  const wheel = join(dir, made.name);
  writeFileSync(wheel, made.bytes);
  const component: SdistComponent = {
    ...plainBase('sdist', dir, ms(1000)),
    kind: 'sdist',
    package: { name: 'lib', version: '1.0', wheel },
    from: { type: 'index', name: 'lib', version: '==1.0' },
    tools: {
      interpreter: { path: '/python3', version: '3.13.1', build: '', pip: '25.0' },
      pip: ['/python3', '-m', 'pip'],
      uv: undefined,
    },
  };
  const attempt = new FakeAttempt();
  const run = runSdist(component, { ...attempt.context, directory: { path: dir } as RunDirectory });
  const pip = await attempt.processes.started('try.1/sdist-wheel');
  expect(pip.command).toContain('--no-binary lib lib==1.0');
  const [, folder = ''] = /--wheel-dir (\S+)/.exec(pip.command) ?? [];
  if (typeof built === 'string') pip.print(`${built}\n`);
  else writeFileSync(join(folder, made.name), wheelOf(WHEEL, built).bytes);
  pip.finish(typeof built === 'string' ? 1 : 0);
  return (await run).map((finding) => `${consequenceOf(finding)}: ${finding.code}: ${finding.message}`);
}

test('an sdist that lacks what users need fails; what only authors need is a note', async () => {
  expect(await found(FILES)).toEqual([]);
  const { 'lib/data.json': _, ...less } = FILES;
  expect(await found(less)).toEqual([
    'failed: sdist-differs: the wheel that is built from the sdist lacks lib/data.json',
  ]);
  expect(await found({ ...FILES, 'lib/more.py': '' })).toEqual([
    'note: sdist-differs: the wheel that is built from the sdist has lib/more.py in addition',
  ]);
});

test('other sources are a note; line ends, data and what tools write of a version are none', async () => {
  expect(await found({ ...FILES, 'lib/__init__.py': 'a = 2\n' })).toEqual([
    'note: sdist-differs: the wheel that is built from the sdist has something else in lib/__init__.py',
  ]);
  const alike = { 'lib/__init__.py': 'a = 1  \r\n\r\n', 'lib/data.json': '[]', 'lib/_version.py': 'v = 2\n' };
  expect(await found({ ...FILES, ...alike })).toEqual([]);
});

test('what cannot be built here says nothing of an sdist from an index', async () => {
  expect(await found('error: metadata-generation-failed')).toEqual([
    expect.stringMatching(/^note: sdist-unbuilt: its sdist cannot be built: pip exited with code 1/),
  ]);
  expect(await found('ERROR: No matching distribution found for lib==1.0')).toEqual([
    'note: sdist-unbuilt: there is no sdist of lib==1.0',
  ]);
  expect(await found('WARNING: Retrying: [Errno 111] Connection refused')).toEqual([
    'inconclusive: sdist-untried: its sdist cannot be built: the package index cannot be reached',
  ]);
});
