/** What installations of a Python package, one for each Python, become in one run. */
import { expect, test } from 'vitest';
import { pythonSuite } from '../../../src/cli/package/python-suite.ts';
import type { ConsumerFailure } from '../../../src/consumer/failure.ts';
import type { InstalledDistribution } from '../../../src/consumer/python/distribution.ts';
import { readMetadata } from '../../../src/consumer/python/metadata.ts';
import type { PythonTrial } from '../../../src/consumer/python/trials.ts';
import { err, ok } from '../../../src/core/result.ts';
import type { Component } from '../../../src/core/suite.ts';

function installed(version: string, pythonVersion: string): InstalledDistribution {
  const consumer = `/c/${pythonVersion}`;
  const metadata = readMetadata(`Name: a\nVersion: ${version}\n`);
  return {
    ...{ consumer, programs: `${consumer}/bin`, python: `${consumer}/bin/python`, pythonVersion },
    ...{
      site: `${consumer}/site`,
      name: 'a',
      version,
      metadata,
      files: [],
      missing: [],
      scripts: [],
      oddScripts: [],
    },
    modules: [{ name: 'a', file: 'a.py', isTop: true, isPublic: true }],
    tools: {
      interpreter: { path: '/python3', version: pythonVersion, build: '', pip: '' },
      pip: ['pip'],
      uv: undefined,
    },
    source: { type: 'index', name: 'a', version: '' },
    indexes: {},
    wheel: {
      file: 'a.whl',
      name: 'a',
      version,
      tag: 'py3-none-any',
      metadata,
      files: [],
      describes: null,
      mismatches: [],
    },
    ...{ hasDescribed: false, isReused: false },
  };
}

/** Those of two kinds, for which every module is something to try. */
const namesOf = (components: readonly Component[]): string[] =>
  components.map(({ name }) => name).filter((name) => /^(?:entries|init)/.test(name));

const trial = (asked: string | null, version = '1.0'): PythonTrial => ({
  ...{ asked, durationMs: 5, outcome: ok(installed(version, asked ?? '3.13')) },
});

const failing = (asked: string, failure: Partial<ConsumerFailure>): PythonTrial => ({
  ...{ asked, durationMs: 5, outcome: err({ blame: 'package', message: 'a cannot be built', ...failure }) },
});

test('without a choice of Pythons components have plain names, and its programs are on the PATH', async () => {
  const { components, path, name } = await pythonSuite([trial(null)], '/bin');
  expect(namesOf(components)).toEqual(['entries', 'init']);
  expect(components.every(({ env }) => env.PATH === undefined)).toBe(true);
  expect([name, path]).toEqual(['a@1.0', ['/c/3.13/bin']]);
});

test('each Python has components and a setup step of its own; a name means those of all', async () => {
  const { components, path, meant, prepared } = await pythonSuite([trial('3.11'), trial('3.13')], '/bin');
  expect(namesOf(components)).toEqual([
    ...['entries@python3.11', 'init@python3.11', 'entries@python3.13', 'init@python3.13'],
  ]);
  expect(components.at(-1)?.env.PATH).toBe('/c/3.13/bin:/bin');
  expect(path).toEqual([]);
  expect(prepared.map((each) => each.name)).toEqual(['install@python3.11', 'install@python3.13']);
  expect(meant(['init', 'entries@python3.13', 'other'])).toEqual([
    ...['init@python3.11', 'init@python3.13', 'entries@python3.13', 'other'],
  ]);
});

test('what has an older release for an older Python says which', async () => {
  const { name, prepared } = await pythonSuite([trial('3.8', '0.9'), trial('3.13')], '/bin');
  expect(name).toBe('a');
  expect(prepared.map((each) => each.name)).toEqual([
    'install@python3.8 (a 0.9)',
    'install@python3.13 (a 1.0)',
  ]);
});

test('a Python that the package excludes is left out, and one for which it cannot be built has failed', async () => {
  const excluded = failing('3.8', { message: 'a is not for this Python', isExcluded: true });
  const trials = [excluded, failing('3.9', {}), trial('3.13')];
  const { absent, prepared, components } = await pythonSuite(trials, '/bin');
  expect(absent).toEqual([
    { name: 'all@python3.8', reason: 'a is not for this Python', onlyWhenNamed: false },
  ]);
  expect(prepared.map(({ outcome }) => outcome)).toEqual(['done', 'failed', 'done']);
  expect(prepared[1]?.findings[0]?.code).toBe('setup-failed');
  expect(namesOf(components)).toEqual(['entries@python3.13', 'init@python3.13']);
});

test('what there is nothing of in a package is told as left out, for each Python', async () => {
  const { lacking } = await pythonSuite([trial('3.11'), trial('3.13')], '/bin');
  expect(lacking.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([
    'threads@python3.11: no docstring of a has an example to run',
    'threads@python3.13: no docstring of a has an example to run',
  ]);
});
