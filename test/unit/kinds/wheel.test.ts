/** What is found in a wheel, each beside a twin that is sound. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { readElf } from '../../../src/files/elf.ts';
import { readBinaries } from '../../../src/kinds/wheel/binaries.ts';
import {
  judgeLicense,
  judgePaths,
  judgeSize,
  judgeStableAbi,
  profile,
} from '../../../src/kinds/wheel/content.ts';
import { harmOfWheel } from '../../../src/kinds/wheel/harm.ts';
import { judgeAnswer, judgeSystem } from '../../../src/kinds/wheel/system.ts';
import { type ElfParts, elfOf } from '../../rig/elf.ts';

let site: string;
beforeAll(() => {
  site = mkdtempSync(join(tmpdir(), 'shakedown-wheel-'));
});
afterAll(() => rmSync(site, { recursive: true }));

const binaries = async (parts: ElfParts, file = 'lib/_core.abi3.so') => {
  mkdirSync(dirname(join(site, file)), { recursive: true });
  writeFileSync(join(site, file), elfOf(parts));
  return readBinaries(site, [file, 'lib/gone.so', 'lib/__init__.py'], new AbortController().signal);
};

const codes = (findings: readonly Finding[]): string[] => findings.map(({ code }) => code);
const said = (findings: readonly Finding[]): string[] =>
  findings.map((each) => `${each.message} (${harmOfWheel(each)?.text})`);

describe('an abi3 wheel', () => {
  const about = (tag: string, requiresPython = '') => ({
    tag: `${tag}-manylinux_2_17_x86_64`,
    requiresPython,
  });

  test('needs nothing that the oldest Python of its tag lacks', async () => {
    const found = await binaries({ needs: ['PyObject_GetBuffer', 'PyModule_AddType', 'memcpy'] });
    expect(said(judgeStableAbi(about('cp38-abi3'), found))).toEqual([
      'the tag of the wheel, cp38-abi3-manylinux_2_17_x86_64, allows Python 3.8, and _core.abi3.so needs PyModule_AddType, which came with Python 3.9 (consumers who have an older Python or an older system, which the tag allows)',
    ]);
    expect(judgeStableAbi(about('cp39-abi3'), found)).toEqual([]);
    expect(judgeStableAbi(about('cp37-abi3', '>=3.9,<4'), found)).toEqual([]);
    expect(judgeStableAbi(about('cp38-cp38'), found)).toEqual([]);
  });

  test('may have an extension module without a tag, which is judged as well; one for a single Python is not', async () => {
    const needs = ['PyModule_AddType'];
    const plain = await binaries({ needs }, 'lib/_plain.so');
    expect(codes(judgeStableAbi(about('cp38-abi3'), plain))).toEqual(['wrong-tag']);
    const own = await binaries({ needs }, 'lib/_own.cpython-311-x86_64-linux-gnu.so');
    expect(judgeStableAbi(about('cp38-abi3'), own)).toEqual([]);
  });

  test('needs no private name, unless it does without', async () => {
    const privately = await binaries({ needs: ['_PyLong_AsByteArray'] });
    const [finding] = judgeStableAbi(about('cp38-abi3'), privately);
    expect(finding).toMatchObject({ code: 'unstable-abi', names: ['_PyLong_AsByteArray'] });
    expect(finding && harmOfWheel(finding)?.who).toBe('nobody');
    expect(judgeStableAbi(about('cp38-abi3'), await binaries({ weak: ['_PyLong_AsByteArray'] }))).toEqual([]);
    expect(judgeStableAbi(about('cp38-abi3'), await binaries({ needs: ['_Py_NoneStruct'] }))).toEqual([]);
  });
});

test('a manylinux wheel needs no newer glibc than its tag says', async () => {
  const found = await binaries({ versions: ['GLIBC_2.2.5', 'GLIBC_2.28', 'GLIBC_PRIVATE'] });
  const judge = (platforms: string) => judgeSystem({ tag: `cp311-cp311-${platforms}` }, found);
  expect(said(judge('manylinux_2_17_x86_64.manylinux2014_x86_64'))).toEqual([
    expect.stringContaining('allows systems with glibc 2.17, and _core.abi3.so needs glibc 2.28'),
  ]);
  expect(codes(judge('manylinux1_x86_64'))).toEqual(['wrong-tag']);
  for (const platforms of ['manylinux_2_28_x86_64', 'linux_x86_64', 'musllinux_1_2_x86_64'])
    expect(judge(platforms)).toEqual([]);
});

test('a manylinux wheel needs no newer libstdc++ than the systems of its tag have, unless it brings its own', async () => {
  const found = await binaries({ versions: ['GLIBC_2.14', 'GLIBCXX_3.4.21', 'GLIBCXX_3.4.9', 'CXXABI_1.3'] });
  const judge = (platform: string, all = found) => judgeSystem({ tag: `cp311-cp311-${platform}` }, all);
  expect(said(judge('manylinux_2_17_x86_64'))).toEqual([
    'the tag of the wheel, cp311-cp311-manylinux_2_17_x86_64, allows systems with glibc 2.17, whose libstdc++ ends at GLIBCXX_3.4.19, and _core.abi3.so needs GLIBCXX_3.4.21 (consumers who have an older Python or an older system, which the tag allows)',
  ]);
  for (const platform of ['manylinux_2_24_x86_64', 'manylinux_2_99_x86_64', 'linux_x86_64'])
    expect(judge(platform)).toEqual([]);
  const own = found.map((each) => ({ ...each, file: 'lib.libs/libstdc++-4f7a.so.6.0.28' }));
  expect(judge('manylinux_2_17_x86_64', [...found, ...own])).toEqual([]);
});

test('auditwheel is heard where it says that a wheel needs one system, or a newer one, wherever its lines end', () => {
  const answer = (platform: string) =>
    `\nx.whl is consistent with the\nfollowing platform tag: "${platform}".\n`.split('\n');
  const wrapped = 'a.whl\nis consistent with the following platform\ntag: "linux_x86_64".'.split('\n');
  const [old, musl] = ['cp311-cp311-manylinux_2_17_x86_64', 'cp311-cp311-musllinux_1_2_x86_64'];
  expect(said(judgeAnswer(old, answer('linux_x86_64')))).toEqual([
    expect.stringContaining(
      'allows any Linux of its age, and auditwheel finds libraries in it that need one',
    ),
  ]);
  expect(codes(judgeAnswer(musl, wrapped))).toEqual(['wrong-tag']);
  expect(said(judgeAnswer(old, answer('manylinux_2_31_x86_64')))).toEqual([
    expect.stringContaining('allows systems with glibc 2.17, and auditwheel finds that it needs newer ones'),
  ]);
  for (const platform of ['manylinux_2_17_x86_64', 'manylinux1_x86_64', 'musllinux_1_2_x86_64'])
    expect(judgeAnswer(old, answer(platform))).toEqual([]);
  expect(judgeAnswer(musl, answer('musllinux_1_2_x86_64'))).toEqual([]);
  expect(judgeAnswer(old, ['something else'])).toEqual([]);
});

test('homes of people in binaries are told; those of CI, and what is no source file, are not', async () => {
  const paths = [
    '/home/ann/work/core.c',
    '/home/runner/work/x.c',
    '/root/.cargo/a.rs',
    '/home/.cargo/a.rs',
    '/home/bob/notes.txt',
  ];
  const found = await binaries({ text: paths.join('\0'), runpath: '$ORIGIN/../lib.libs:/home/carl/lib' });
  const [finding] = judgePaths(found);
  expect(finding).toMatchObject({ code: 'build-paths', folders: ['/home/carl', '/home/ann'] });
  expect(finding?.evidence).toEqual([
    'lib/_core.abi3.so: /home/carl/lib',
    'lib/_core.abi3.so: /home/ann/work/core.c',
  ]);
  expect(finding && harmOfWheel(finding)?.who).toBe('nobody');
  expect(judgePaths(await binaries({ text: paths.slice(1).join('\0'), runpath: '$ORIGIN' }))).toEqual([]);
});

test('what only debuggers read is told if there is much of it', async () => {
  expect(said(judgeSize(await binaries({ debugBytes: 3_000_000 })))).toEqual([
    '3 MB of 3 MB in its binaries are for debuggers (undefined)',
  ]);
  expect(judgeSize(await binaries({ debugBytes: 3000 }))).toEqual([]);
});

test('a licence that the metadata names is there', () => {
  const judge = (licenseFiles: string[], ...files: string[]) =>
    judgeLicense({ licenseFiles, files: ['lib/__init__.py', ...files] });
  expect(said(judge(['LICENSE', 'vendored/COPYING'], 'lib-1.0.dist-info/licenses/LICENSE'))).toEqual([
    'its metadata names vendored/COPYING as its licence, which is not in the wheel (consumers who pass it on, with its licence)',
  ]);
  // Older tools put them elsewhere.
  for (const folder of ['', 'licenses/', 'licenses/vendored/', 'LICENSES/'])
    expect(judge(['vendored/COPYING'], `lib-1.0.dist-info/${folder}COPYING`)).toEqual([]);
  expect(judge(['LICENSE.txt'], 'lib/LICENSE.txt')).toEqual([]);
  // Two of the same name are two files.
  const both = ['LICENSE', 'vendored/LICENSE'];
  const [own, vendored] = both.map((file) => `lib-1.0.dist-info/licenses/${file}`) as [string, string];
  expect(judge(both, vendored, own)).toEqual([]);
  expect(judge(both, vendored)).toMatchObject([{ code: 'missing-license', files: ['LICENSE'] }]);
  expect(judge(both, 'lib-1.0.dist-info/LICENSE')).toMatchObject([{ files: ['vendored/LICENSE'] }]);
  expect(codes(judge([]))).toEqual(['unlicensed']);
  expect(codes(judge([], 'lib/license_checker.py', 'lib/notices.py'))).toEqual(['unlicensed']);
  for (const file of [
    'lib-1.0.dist-info/LICENSE.txt',
    'lib/COPYING',
    'lib-1.0.dist-info/LICENCE',
    'lib-1.0.dist-info/licenses/MIT',
  ])
    expect(judge([], file)).toEqual([]);
});

test('a binary that is cut off or damaged is none that can be read', () => {
  const whole = elfOf({ needs: ['PyLong_FromLong'], versions: ['GLIBC_2.17'], text: 'x' });
  expect(readElf(whole)?.needs).toEqual([{ name: 'PyLong_FromLong', isWeak: false }]);
  expect(readElf(whole.subarray(0, 100))).toBeUndefined();
  expect(readElf(Buffer.from('MZ'))).toBeUndefined();
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged.writeUInt8(0xff, at);
    readElf(damaged);
  }
});

test('a small binary whose tables all name the same long text does not fill the memory', () => {
  const long = 'x'.repeat(4000);
  const needs = Array.from({ length: 2000 }, () => long);
  expect(readElf(elfOf({ needs }))?.needs.length).toBe(2000);
  const overlapping = elfOf({ needs: [long, ...Array.from({ length: 2000 }, () => '')] });
  // Each symbol after the first gets the name of that.
  const symbols = overlapping.lastIndexOf(Buffer.from([1, 0, 0, 0, 0x10]), overlapping.length);
  for (let at = symbols; at < symbols + 2000 * 24; at += 24) overlapping.writeUInt32LE(1, at);
  expect(readElf(overlapping)).toBeUndefined();
  const versions = elfOf({ versions: Array.from({ length: 500 }, (_, minor) => `GLIBC_2.${minor}`) });
  expect(readElf(versions)?.versions.length).toBe(500);
  // The chain leads back to its first version, which is then the next one 65,535 times.
  const chain = versions.indexOf(Buffer.from([1, 0, 0xf4, 1]));
  versions.writeUInt16LE(0xffff, chain + 2);
  versions.writeUInt32LE(0, chain + 16 + 12);
  expect(readElf(versions)).toBeUndefined();
});

test('a binary that cannot be read is told: nothing is known of it', async () => {
  const sound = await binaries({ needs: ['PyLong_FromLong'] });
  expect(profile(1, 1, 1, sound).message).toMatch(/1 file, 1 binary$/);
  const bytes = elfOf({ needs: ['PyLong_FromLong'] });
  const site = mkdtempSync(join(tmpdir(), 'wheel-unread-'));
  try {
    writeFileSync(join(site, 'cut.so'), bytes.subarray(0, 100));
    // The loader needs no sections.
    bytes.writeUInt16LE(0, 60);
    writeFileSync(join(site, 'bare.so'), bytes);
    writeFileSync(join(site, 'windows.pyd'), 'MZ');
    const found = await readBinaries(
      site,
      ['cut.so', 'bare.so', 'windows.pyd'],
      new AbortController().signal,
    );
    expect(profile(1, 1, 3, found).message).toMatch(/3 binaries, 2 of them cannot be read$/);
  } finally {
    rmSync(site, { recursive: true });
  }
});
