/** The program that looks for what samples in Python use: what it would change, and what it leaves alone. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyEdits } from '../../../../src/kinds/types/edits.ts';
import type { DeclarationChange, DeclarationSurvey } from '../../../../src/kinds/types/protocol.ts';

const PROGRAM = resolve(import.meta.dirname, '../../../../src/kinds/types/harness/declarations.py');

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'declarations-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
}

function survey(sample: string, modules: readonly string[] = []): DeclarationSurvey {
  write('sample.py', sample);
  const files = [{ path: join(dir, 'sample.py'), isNegative: false }];
  const job = { files, modules, root: dir, paths: [dir], result: join(dir, 'result.json') };
  write('job.json', JSON.stringify(job));
  execFileSync('python3', [PROGRAM, join(dir, 'job.json')], { env: { PATH: process.env.PATH } });
  return JSON.parse(readFileSync(job.result, 'utf8')) as DeclarationSurvey;
}

/** The lines of a file that a change makes, without those that are there in any case. */
function changed(
  { uses }: DeclarationSurvey,
  subject: string,
  change: DeclarationChange,
  file: string,
): string[] {
  const edits = uses.find((use) => use.subject === subject)?.changes[change] ?? [];
  const path = join(dir, file);
  const before = readFileSync(path, 'utf8');
  const after = applyEdits(
    before,
    edits.filter((edit) => edit.file === path),
  );
  return after
    .split('\n')
    .filter((line) => !before.split('\n').includes(line) && !/_ShakedownAny$|^class _Shakedown/.test(line));
}

const STUB = `from typing import overload
@overload
def parse(text: str) -> int: ...
@overload
def parse(text: bytes, base: int = ...) -> int: ...
VERSION: str
`;

test('stubs come before sources, and each overload is changed', () => {
  write('lib.pyi', STUB);
  write('lib.py', 'def parse(text, base=10): return int(text, base)\nVERSION = "1"\n');
  const found = survey('from lib import parse, VERSION\nparse(b"4", 10)\n');
  expect(found.copies.map(({ at }) => at)).toEqual(['lib.pyi']);
  expect(changed(found, 'parse', 'wrong-return-type', 'lib.pyi')).toEqual([
    'def parse(text: str) -> _ShakedownOther: ...',
    'def parse(text: bytes, base: int = ...) -> _ShakedownOther: ...',
  ]);
  expect(changed(found, 'parse', 'removed', 'lib.pyi')).toEqual([
    'def _removed_by_shakedown_parse(text: str) -> int: ...',
    'def _removed_by_shakedown_parse(text: bytes, base: int = ...) -> int: ...',
  ]);
  expect(changed(found, 'VERSION', 'wrong-type', 'lib.pyi')).toEqual(['VERSION: _ShakedownOther']);
  const { 'loses-parameter': shorter } = found.uses.find(({ subject }) => subject === 'parse')?.changes ?? {};
  expect(shorter?.map(({ text }) => text)).toContain('@overload\ndef parse(text: bytes) -> int:\n    ...');
});

test('what a package passes on is removed where it is passed on, and changed where it is defined', () => {
  write(
    'lib/__init__.py',
    '"""Docs."""\nfrom __future__ import annotations\nfrom ._impl import twice as double\n',
  );
  write('lib/_impl.py', 'def twice(n: int) -> int:\n    """ä 𝒳"""\n    return n * 2\n');
  const found = survey('import lib\nlib.double(2)\n');
  expect(found.copies.map(({ at }) => at).sort()).toEqual(['lib/__init__.py', 'lib/_impl.py']);
  expect(changed(found, 'double', 'removed', 'lib/__init__.py')).toEqual([
    'from ._impl import twice as _removed_by_shakedown_double',
  ]);
  expect(changed(found, 'double', 'wrong-return-type', 'lib/_impl.py')).toEqual([
    'def twice(n: int) -> _ShakedownOther:',
  ]);
});

test('places are right behind letters of any kind', () => {
  write('lib.py', 'def parse(text: str = "ä€𝒳") -> int: return 1\n');
  const found = survey('from lib import parse\nparse("4")\n');
  expect(changed(found, 'parse', 'wrong-return-type', 'lib.py')).toEqual([
    'def parse(text: str = "ä€𝒳") -> _ShakedownOther: return 1',
  ]);
});

test('methods are found by what their instance is made of', () => {
  write(
    'lib.py',
    `class Store:
    def __init__(self, first: int) -> None: ...
    def get(self, key: str, *, default: int = 0) -> int: return default
    @property
    def name(self) -> str: return "x"
def open_store() -> Store: return Store(1)
def other() -> None: ...
`,
  );
  const found = survey(
    'from lib import Store, open_store\nstore = Store(1)\nstore.get("x", default=1)\nopen_store().name\n{}.get("x")\n',
  );
  expect(found.uses.map(({ subject }) => subject).sort()).toEqual([
    'Store',
    'Store.get',
    'Store.name',
    'open_store',
  ]);
  expect(changed(found, 'Store', 'loses-parameter', 'lib.py')).toEqual([
    '    def __init__(self) -> None:',
    '        ...',
  ]);
  expect(changed(found, 'Store.get', 'loses-parameter', 'lib.py')[0]).toBe(
    '    def get(self, *, default: int=0) -> int:',
  );
  expect(changed(found, 'Store.name', 'wrong-type', 'lib.py')).toEqual([
    '    def name(self) -> _ShakedownOther: return "x"',
  ]);
  expect(found.unused).toEqual(['other']);
});

test('what a sample refuses on purpose is told from what it merely uses', () => {
  write('lib.py', 'def parse(text: str) -> int: return 1\ndef twice(n: int) -> int: return 2\n');
  const found = survey('from lib import parse, twice\ntwice(1)\nparse(4)  # type: ignore[arg-type]\n');
  expect(found.uses.map(({ subject, isMisused }) => [subject, isMisused])).toEqual([
    ['parse', true],
    ['twice', false],
  ]);
});

test('what has no types, or no result, has none that could be wrong', () => {
  write('lib.py', 'def bare(n): return n\ndef act(n: int) -> None: ...\n');
  const found = survey('from lib import bare, act\nbare(1)\nact(1)\n');
  const changes = found.uses.map(({ subject, changes }) => [subject, Object.keys(changes)]);
  expect(changes).toEqual([
    ['bare', ['removed', 'loses-parameter']],
    ['act', ['removed', 'loses-parameter', 'loses-types']],
  ]);
});

test('modules of the project come first; others are tried only if there are none, or if they are named', () => {
  write('lib.py', 'def own() -> int: return 1\n');
  write('site-packages/dep.py', 'def theirs() -> int: return 1\n');
  const sample = 'import sys, json\nfrom lib import own\nown()\njson.loads("1")\n';
  expect(survey(sample).uses.map(({ subject }) => subject)).toEqual(['own']);
  expect(survey('import json\njson.loads("1")\n').uses).toEqual([]);
  expect(survey(sample, ['dep']).uses).toEqual([]);
});

test('lines end as they end, and a byte order mark is no part of them', () => {
  write('lib.py', '\ufeff# ä\r\ndef parse(text: str) -> int:\r\n    return 1\r\n');
  const found = survey('from lib import parse\nparse("4")\n');
  const edits = found.uses[0]?.changes['wrong-return-type'] ?? [];
  const text = readFileSync(join(dir, 'lib.py'), 'utf8').replace('\ufeff', '');
  expect(applyEdits(text, edits)).toContain('def parse(text: str) -> _ShakedownOther:\r\n');
});
