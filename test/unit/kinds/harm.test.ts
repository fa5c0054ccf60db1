/** Whom a finding in a package hurts, what that does to a verdict, and in which order findings are told. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asTrials } from '../../../src/cli/package/trial-suite.ts';
import type { InstalledPackage } from '../../../src/consumer/installed-package.ts';
import { trialBase } from '../../../src/consumer/trial.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { leftBehind } from '../../../src/core/leftovers.ts';
import type { Component } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import type { NodeEntriesComponent } from '../../../src/kinds/entries/component.ts';
import { missingFiles } from '../../../src/kinds/entries/missing-file.ts';
import { verdictOf, weighed } from '../../../src/kinds/index.ts';

const base = (name: string) => trialBase(name, { consumer: '/c' } as InstalledPackage, ms(1));
const component = (kind: string) => ({ ...base(kind), kind });
const strict = (kind: string) => ({
  ...component(kind),
  ofPackage: { isStrict: true, isOnlyComparison: false, optional: [] },
});

const ENTRIES: NodeEntriesComponent = {
  ...base('entries'),
  kind: 'entries',
  language: 'node',
  package: { name: 'a', folder: '/nowhere', declared: [], absent: [], installed: {}, isForThisNode: true },
  loads: [
    { specifier: 'a', form: 'import', file: 'a.mjs' },
    { specifier: 'a', form: 'require', file: 'a.cjs' },
    { specifier: 'a/x', form: 'import', file: 'x.js' },
  ],
  total: 3,
  missing: [],
};

const unloadable = (specifier: string, form: 'import' | 'require'): Finding => ({
  code: 'unloadable-entry',
  message: '',
  ...{ specifier, form, count: 1 },
});
const typeError = (file: string): Finding => ({
  code: 'type-error',
  message: '',
  culprit: 'a',
  errors: [{ file, line: 1, number: 'TS1', text: '', where: [] }],
});
const undeclared: Finding = {
  code: 'undeclared-export',
  message: '',
  ...{ specifier: 'a', forms: [], exports: [] },
};

const harms = async (findings: readonly Finding[], of: Parameters<typeof weighed>[1]) =>
  (await weighed(findings, of)).map(({ hurts }) => hurts?.text);

test('a component that was too slow has not failed; a program that does not end has, and so has what hangs', async () => {
  const late = { code: 'timeout', message: '', limitMs: ms(1) } as unknown as Finding;
  const stuck = { code: 'init-hang', message: '', doing: null, waitedMs: ms(1) } as unknown as Finding;
  const verdict = async (finding: Finding, kind: string) =>
    verdictOf(await weighed([finding], component(kind)));
  expect(await verdict(late, 'threads')).toBe('inconclusive');
  expect(await verdict(late, 'bin')).toBe('failed');
  expect(await verdict(stuck, 'init')).toBe('failed');
  expect(await harms([late], component('threads'))).toEqual([undefined]);
});

test('who is hurt is known from what was found', async () => {
  const found = [unloadable('a', 'require'), unloadable('a/x', 'import')];
  expect(await harms(found, ENTRIES)).toEqual(['consumers who require("a")', 'consumers who import "a/x"']);
  const both: Finding = { ...found[0], forms: ['import', 'require'] } as Finding;
  expect(await harms([both], ENTRIES)).toEqual(['every consumer']);
  const only = { ...ENTRIES, loads: ENTRIES.loads.slice(0, 1) };
  expect(await harms([unloadable('a', 'import')], only)).toEqual(['every consumer']);
  expect(await harms([typeError('a/x.d.cts')], component('types'))).toEqual([
    'consumers who compile without skipLibCheck',
  ]);
  expect(await harms([typeError('a/x.ts')], component('types'))).toEqual(['consumers who use TypeScript']);
  const older = ['a/x.d.ts', 'a/x.ts'].map(
    (file) => ({ ...typeError(file), onlyWith: ['5.0.4'] }) as Finding,
  );
  expect(await harms(older, component('types'))).toEqual([
    'consumers who compile without skipLibCheck, with TypeScript 5.0.4',
    'consumers who use TypeScript 5.0.4',
  ]);
});

test('the worst comes first; nobody yet fails nothing, unless the trial is strict', async () => {
  const missing: Finding = { code: 'missing-file', message: '', promise: 'main', file: 'x' };
  const all = [undeclared, missing, unloadable('a', 'require')];
  expect((await weighed(all, ENTRIES)).map(({ code }) => code)).toEqual([
    'missing-file',
    'unloadable-entry',
    'undeclared-export',
  ]);
  expect(verdictOf(await weighed([undeclared], component('types')))).toBe('passed');
  expect(verdictOf(await weighed([undeclared], strict('types')))).toBe('failed');
});

test('what cannot be loaded without an optional package has neither failed nor passed', async () => {
  const ofPackage = { isStrict: false, isOnlyComparison: false, optional: ['react'] };
  const lacking = (name: string): Finding => ({
    code: 'cannot-load',
    message: `a cannot be tried: Error: Cannot find module '${name}/jsx-runtime'`,
  });
  const verdict = async (name: string) =>
    verdictOf(await weighed([lacking(name)], { ...component('threads'), ofPackage }));
  expect(await verdict('react')).toBe('inconclusive');
  expect(await verdict('forgotten')).toBe('failed');
  const [told] = await weighed([lacking('react')], { ...component('threads'), ofPackage });
  expect(told?.hint).toContain('--peers highest');
});

test('a comparison with nothing is no verdict if nothing else is tried', async () => {
  const nothing: Finding = { code: 'not-compared', message: '' };
  const verdict = async (chosen: readonly string[]) => {
    const api = asTrials([component('entries'), component('api')], chosen, false).at(-1);
    return verdictOf(await weighed([nothing], api ?? component('api')));
  };
  expect(await verdict([])).toBe('passed');
  expect(await verdict(['entries', 'api'])).toBe('passed');
  expect(await verdict(['api'])).toBe('inconclusive');
});

test('elsewhere findings are as they are', async () => {
  const { ofPackage: _, ...own } = component('types');
  expect(await weighed([undeclared], own)).toEqual([undeclared]);
});

test('a folder that was not packed is one finding, and files beside others are one each', () => {
  const missing = ['dist/a.js', 'dist/b.js', 'c.js'].map((file) => ({
    promise: `exports["./${file}"]`,
    file,
  }));
  expect(missingFiles({ ...ENTRIES, missing }).map(({ message }) => message)).toEqual([
    'exports["./dist/a.js"] and 1 more name files in dist, which is not in the package',
    'exports["./c.js"] names c.js, which is not in the package',
  ]);
});

test('a file that is elsewhere in the package comes with the line that names it there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'moved-'));
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'lib', 'c.js'), '');
  const missing = [
    { promise: 'exports["./c"]', file: 'c.js' },
    { promise: 'main', file: 'd.js' },
  ];
  const [moved, gone] = missingFiles({ ...ENTRIES, package: { ...ENTRIES.package, folder }, missing });
  rmSync(folder, { recursive: true });
  expect(moved?.mend).toEqual({ file: 'package.json', lines: ['"./c": "./lib/c.js"'] });
  expect(gone).not.toHaveProperty('mend');
});

test('a process that a package leaves hurts every consumer', async () => {
  const left = leftBehind('init', [{ pid: 7, command: '/usr/bin/helper --daemon', ageMs: 5 }], 'package');
  expect(await harms([left], component('init') as unknown as Component)).toEqual(['every consumer']);
});
