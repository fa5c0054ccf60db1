/** What is made of the words of mypy, pyright and stubtest: each defect beside a twin that is sound. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { plainBase } from '../../../src/consumer/trial.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { ms } from '../../../src/core/units.ts';
import type { HintsComponent } from '../../../src/kinds/hints/component.ts';
import {
  consumerFile,
  importsOf,
  objectionsOfMypy,
  objectionsOfPyright,
} from '../../../src/kinds/hints/consumer-file.ts';
import { harmOfHints } from '../../../src/kinds/hints/harm.ts';
import { judgeImports, judgeStubs } from '../../../src/kinds/hints/judge.ts';
import type { Objection } from '../../../src/kinds/hints/objection.ts';
import type { Difference, NamesOfModule } from '../../../src/kinds/hints/protocol.ts';
import { runHints } from '../../../src/kinds/hints/run.ts';
import { FakeAttempt } from '../../rig/fake-context.ts';

const JUDGED = { name: 'lib', site: '/site', isStubOnly: false };

const brief = (findings: readonly Finding[]): string[] =>
  findings.map(
    (each) => `${each.code} ${each.consequence ?? ''}: ${each.message} (${harmOfHints(each)?.text})`,
  );

const refusal = (line: number, text = 'no', rule = 'attr-defined'): Objection => ({
  ...{ file: 'consumer.py', line, text, rule },
});

function judged(
  names: readonly NamesOfModule[],
  mypy: readonly Objection[],
  pyright: readonly Objection[],
  how: Partial<typeof JUDGED> = {},
): string[] {
  const said = { names, imports: importsOf(names), mypy, pyright };
  return brief(judgeImports(said, { ...JUDGED, ...how }));
}

const PROMISED = { module: 'lib', isPromised: true, isCompiled: false, names: ['one', 'two'], lifted: [] };
const LIFTED = { module: 'lib', isPromised: false, isCompiled: false, names: [], lifted: ['one', 'two'] };

test('a consumer imports each module and each name on a line of its own', () => {
  const imports = importsOf([PROMISED, { module: 'lib.broken', error: 'ImportError' }]);
  expect(consumerFile(imports)).toBe('import lib\nfrom lib import one as _1\nfrom lib import two as _2\n');
});

test('what mypy and pyright print is read', () => {
  expect(
    objectionsOfMypy(
      [
        'consumer.py:3: error: Module "lib" has no attribute "two"  [attr-defined]',
        'consumer.py:3: note: See the documentation',
        '/site/lib/a.pyi:7: error: invalid syntax  [syntax]',
      ],
      '2',
    ),
  ).toEqual([
    { file: 'consumer.py', line: 3, text: 'Module "lib" has no attribute "two"', rule: 'attr-defined' },
    { file: '/site/lib/a.pyi', line: 7, text: 'invalid syntax', rule: 'syntax' },
  ]);
  const diagnostic = { file: '/c/consumer.py', message: 'unknown', rule: 'r', range: { start: { line: 2 } } };
  const generalDiagnostics = [
    { ...diagnostic, severity: 'error' },
    { ...diagnostic, severity: 'warning' },
  ];
  expect(objectionsOfPyright(JSON.stringify({ generalDiagnostics }))).toEqual([
    { file: '/c/consumer.py', line: 3, text: 'unknown', rule: 'r' },
  ]);
  expect(objectionsOfPyright('npm error')).toBeUndefined();
});

test('a checker that has checked nothing has not passed', () => {
  expect(objectionsOfMypy([], '0')).toEqual([]);
  // It is not installed as it should be, was killed, or could not be started: what it says of that is elsewhere.
  for (const exit of ['1', '2', '137', '']) expect(objectionsOfMypy([], exit)).toBeUndefined();
  expect(objectionsOfMypy(['consumer.py:2: error: Invalid syntax  [syntax]'], '2')).toBeUndefined();
  expect(objectionsOfMypy(['lib.py:2: error: INTERNAL ERROR -- Please try'], '2')).toBeUndefined();
  expect(objectionsOfMypy(['Segmentation fault'], '1')).toBeUndefined();
  const none = { generalDiagnostics: [], summary: { filesAnalyzed: 0 } };
  expect(objectionsOfPyright(JSON.stringify(none))).toBeUndefined();
});

test('a name of __all__ that both checkers refuse is undeclared; one alone may know better', () => {
  expect(judged([PROMISED], [refusal(3)], [refusal(3)])).toEqual([
    'undeclared-name : its declarations lack lib.two: mypy and pyright refuse to import it (consumers who import lib.two, and check their types)',
  ]);
  expect(judged([PROMISED], [refusal(3)], [])).toEqual([]);
  expect(judged([PROMISED], [], [refusal(3)])).toEqual([]);
  expect(judged([PROMISED], [refusal(3)], [refusal(3)], { isStubOnly: true })[0]).toContain(
    'undeclared-name note: its stubs lack lib.two',
  );
});

test('what a package says of itself, and what compiled code shows without saying so, hurts nobody yet', () => {
  const harms = (names: NamesOfModule): string[] => judged([names], [refusal(3)], [refusal(3)]);
  const version = { ...PROMISED, names: ['one', '__version__'] };
  expect(harms(version)).toEqual([
    'undeclared-name : its declarations lack lib.__version__: mypy and pyright refuse to import it (nobody yet)',
  ]);
  expect(harms({ ...PROMISED, isPromised: false, isCompiled: true })[0]).toContain('(nobody yet)');
  expect(harms({ ...PROMISED, isCompiled: true })[0]).toContain('(consumers who import lib.two');
  expect(harms({ ...PROMISED, isPromised: false })[0]).toContain('(consumers who import lib.two');
  const both = [refusal(2), refusal(3)];
  expect(judged([version], both, both).map((each) => each.slice(0, 44))).toEqual([
    'undeclared-name : its declarations lack lib.',
    'undeclared-name : its declarations lack lib.',
  ]);
});

test('what stands in for an import that fails is offered to nobody, unless it is in __all__', () => {
  const own = { ...PROMISED, isPromised: false };
  const hidden = 'Module "lib" does not explicitly export attribute "two"';
  expect(judged([own], [refusal(3, hidden)], [refusal(3)])).toEqual([]);
  expect(judged([PROMISED], [refusal(3, hidden)], [refusal(3)])).toHaveLength(1);
  expect(judged([own], [refusal(3, 'Module "lib" has no attribute "two"')], [refusal(3)])).toHaveLength(1);
});

test('a package whose names are all private to checkers has not said what it offers; one that offers some has', () => {
  const both = [refusal(2), refusal(3)];
  expect(judged([LIFTED], both, both)).toEqual([
    'unexported-name : to type checkers lib.one, lib.two are private: imported from a private module, and neither in __all__ nor imported as itself (consumers who use pyright, or mypy --strict)',
  ]);
  expect(judged([LIFTED], [refusal(2)], [refusal(2)])).toEqual([]);
  expect(judged([{ ...LIFTED, names: ['own'] }], [refusal(3), refusal(4)], [refusal(3), refusal(4)])).toEqual(
    [],
  );
});

test('what mypy says inside of the package is told, and that a compiled module has no stub is a note', () => {
  const inside = { file: '/site/lib/a.pyi', line: 7, text: 'invalid syntax', rule: 'syntax' };
  expect(judged([PROMISED], [inside], [])).toEqual([
    'refused-declarations : mypy refuses lib/a.pyi of lib (consumers who use mypy)',
  ]);
  expect(judged([PROMISED], [{ ...inside, file: '/elsewhere/b.pyi' }], [])).toEqual([]);
  const lost = refusal(1, 'Cannot find it', 'import-not-found');
  expect(judged([{ ...PROMISED, module: 'lib.fast' }], [lost], [])).toEqual([
    'undeclared-module : lib.fast has no declarations that mypy finds (undefined)',
  ]);
  expect(judged([{ ...PROMISED, module: 'lib.lib' }], [lost], [])).toEqual([]);
});

const LACKING: Difference = {
  ...{ module: 'lib', path: ['gone'], message: 'is not present at runtime', stub: 'function' },
  ...{ isMissing: true, isElsewhere: false, needed: null, file: '/site/lib/__init__.pyi', line: 3 },
};

const compared = (...differences: readonly Partial<Difference>[]): string[] =>
  brief(
    judgeStubs(
      { refused: [], errors: [], differences: differences.map((each) => ({ ...LACKING, ...each })) },
      JUDGED,
    ),
  );

test('a stub that declares what does not exist fails, unless that is only for annotations, private or dynamic', () => {
  expect(compared({})).toEqual([
    'missing-name : stubs declare lib.gone, which does not exist (consumers who use lib.gone, since it type-checks)',
  ]);
  expect(compared({ path: ['Session', 'gone'] })[0]).toContain('lib.Session.gone');
  expect(compared({ stub: 'variable' })).toHaveLength(1);
  for (const sound of [
    { stub: 'type' },
    { path: ['_gone'] },
    { module: 'lib._core' },
    { isElsewhere: true },
    { stub: 'variable', path: ['Session', 'gone'] },
    { message: 'is not present at runtime. Maybe mark it as "@type_check_only"?' },
  ] as const)
    expect(compared(sound)).toEqual([]);
});

const WRONG: Partial<Difference> = {
  ...{ isMissing: false, needed: ['a'], message: 'is inconsistent, runtime does not have parameter "more"' },
};

test('a parameter that does not exist, or that must be given and is not declared, fails', () => {
  expect(compared(WRONG)).toEqual([
    'wrong-signature : stubs declare other parameters of lib.gone than it has (consumers who call lib.gone as declared)',
  ]);
  expect(compared({ ...WRONG, message: 'is inconsistent, stub does not have parameter "a"' })).toHaveLength(
    1,
  );
  const note = (how: Partial<Difference>): string =>
    compared({ ...WRONG, ...how })[0]?.split(' ')[0] ?? 'none';
  expect(note({ message: 'is inconsistent, stub does not have parameter "b"' })).toBe('stub-differs');
  expect(note({ message: 'is inconsistent, stub parameter "x" differs from runtime parameter "y"' })).toBe(
    'stub-differs',
  );
  // It takes any, or hides what it takes.
  expect(note({ needed: null })).toBe('stub-differs');
  expect(note({ message: 'is inconsistent, runtime parameter "a" has a default value of 1' })).toBe('none');
});

test('a stub that uses a name which is nowhere defined is refused', () => {
  const errors = [
    '/site/lib/a.pyi:1: error: Name "Lost" is not defined  [name-defined]',
    '/site/lib/a.py:1: error: Name "Lost" is not defined  [name-defined]',
    '/site/lib/b.pyi:1: error: Incompatible types in assignment  [assignment]',
  ];
  expect(brief(judgeStubs({ refused: [], errors, differences: [] }, JUDGED))).toEqual([
    'refused-declarations : mypy refuses lib/a.pyi of lib (consumers who use mypy)',
  ]);
});

test('of stubs without what they describe nothing is known', async () => {
  const component: HintsComponent = {
    ...plainBase('types', '/', ms(1000)),
    kind: 'hints',
    package: {
      ...{ name: 'types-lib', consumer: '/c', site: '/site', python: '/c/python', roots: ['lib'] },
      describes: { name: 'lib', isInstalled: false },
    },
    tools: {
      interpreter: { path: '/python3', version: '3', build: '', pip: '' },
      pip: ['pip'],
      uv: undefined,
    },
    ...{ indexes: {}, modules: ['lib'], stubs: [] },
  };
  const found = await runHints(component, new FakeAttempt().context);
  expect(found.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    'zero-work: there is nothing to hold types-lib against: lib could not be installed beside it',
  ]);
});

test('a module offers its __all__, or what it has made itself; a package also what comes from private modules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-hints-'));
  const write = (path: string, text: string): string => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  try {
    write(
      'lib/__init__.py',
      'from json import dumps\nfrom ._core import one\nfrom .more import two\n_x = 1\n',
    );
    write('lib/_core.py', 'def one(): pass\n');
    write('lib/more.py', '__all__ = ["two", "lost"]\ndef two(): pass\ndef three(): pass\n');
    write('lib/plain.py', 'from .more import two\nclass Own: pass\nimport json\n');
    write('lib/broken.py', 'raise SystemExit(3)\n');
    write('lib/async.py', '');
    write(
      'lib/lazy.py',
      '__all__ = ["here", "class", "a-b", 3, "extra"]\nhere = 1\nglobals().update({"class": 1, "a-b": 1})\ndef __getattr__(name): raise ImportError(name)\n',
    );
    const result = join(folder, 'result');
    const modules = ['lib', 'lib.more', 'lib.plain', 'lib.broken', 'lib.async', 'lib.lazy', '_struct'];
    const job = write('job', JSON.stringify({ modules, roots: ['lib'], result }));
    const harness = resolve(import.meta.dirname, '../../../src/kinds/hints/harness/main.py');
    execFileSync('python3', [harness, 'names', job], { env: { ...process.env, PYTHONPATH: folder } });
    expect(JSON.parse(readFileSync(result, 'utf8'))).toEqual([
      { module: 'lib', isPromised: false, isCompiled: false, names: [], lifted: ['one'] },
      { module: 'lib.more', isPromised: true, isCompiled: false, names: ['two'], lifted: [] },
      { module: 'lib.plain', isPromised: false, isCompiled: false, names: ['Own'], lifted: [] },
      { module: 'lib.broken', error: 'SystemExit: 3' },
      { module: 'lib.async', error: 'SyntaxError: no import can be written for lib.async' },
      { module: 'lib.lazy', isPromised: true, isCompiled: false, names: ['here'], lifted: [] },
      { module: '_struct', isPromised: false, isCompiled: true, names: [], lifted: [] },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
