/** What several installations become in one run: names, setup steps, and what is left out. */
import { expect, test } from 'vitest';
import { trialSuite } from '../../../src/cli/package/trial-suite.ts';
import type { InstalledPackage } from '../../../src/consumer/installed-package.ts';
import type { Trial } from '../../../src/consumer/trials.ts';
import { err, ok } from '../../../src/core/result.ts';

const FILE = { path: 'index.js', exists: true, format: 'commonjs', isProgram: false } as const;
const TYPES = { ...FILE, path: 'index.d.ts' };

const installed = (name: string, needsNode: string | null = null): InstalledPackage => ({
  ...{ consumer: `/c/${name}`, folder: `/c/${name}/node_modules/${name}`, name, version: '1.0.0' },
  manifest: { name, version: '1.0.0', types: 'index.d.ts' },
  entryPoints: [
    { specifier: name, subpath: '.', import: FILE, require: FILE, importTypes: TYPES, requireTypes: TYPES },
  ],
  ...{ bins: [], addons: [], scriptWarnings: [], needsNode, isReused: false },
});

const trial = (of: Partial<Trial>): Trial => ({
  ...{ of: null, node: null, peers: null, durationMs: 5, outcome: ok(installed('a')) },
  ...of,
});

const onNode = (asked: string, of: Partial<Trial> = {}): Trial =>
  trial({ node: { asked, is: { version: `${asked}.1.0`, folder: `/node/${asked}` } }, ...of });

const namesOf = async (trials: readonly Trial[]): Promise<string[]> =>
  (await trialSuite(trials, '/bin')).components.map(({ name }) => name);

test('one installation has components with plain names, and its programs on the PATH', async () => {
  const { components, path } = await trialSuite([trial({})], '/bin');
  expect(components.map(({ name }) => name)).toEqual(['entries', 'types', 'init', 'threads', 'api']);
  expect(components.every(({ env }) => env.PATH === undefined)).toBe(true);
  expect(path).toEqual(['/c/a/node_modules/.bin']);
});

test('each of several names its package, its Node and its peers; types are tried on the first Node', async () => {
  const trials = [onNode('20'), onNode('22')];
  const { components, path } = await trialSuite(trials, '/bin');
  expect(components.map(({ name }) => name)).toEqual([
    ...['entries@node20', 'types@node20', 'init@node20', 'threads@node20', 'api@node20'],
    ...['entries@node22', 'init@node22', 'threads@node22'],
  ]);
  expect(components.at(-1)?.env.PATH).toBe('/node/22:/c/a/node_modules/.bin:/bin');
  expect(path).toEqual([]);
  const peers = { end: 'lowest', versions: ['host@1.0.0'] } as const;
  expect(await namesOf([onNode('20', { of: 'ui', peers })])).toContain('ui:entries@node20@peers-lowest');
  expect(
    (await trialSuite([onNode('20', { of: 'ui', peers })], '/bin')).prepared.map(({ name }) => name),
  ).toEqual(['install ui@node20@peers-lowest (host@1.0.0)']);
});

test('types are tried for each package and for each choice of peers', async () => {
  const highest = { end: 'highest', versions: [] } as const;
  const lowest = { end: 'lowest', versions: [] } as const;
  const trials = [trial({ of: 'a', peers: lowest }), trial({ of: 'a', peers: highest }), trial({ of: 'b' })];
  const types = (await namesOf(trials)).filter((name) => name.includes('types'));
  expect(types).toEqual(['a:types@peers-lowest', 'a:types@peers-highest', 'b:types']);
});

test('a Node that is excluded is left out, and if there is no other, that is inconclusive', async () => {
  const excluded = onNode('18', { outcome: ok(installed('a', '>=20')) });
  const { absent } = await trialSuite([excluded, onNode('20')], '/bin');
  const reason = 'a@1.0.0 needs Node.js >=20, and this is 18.1.0';
  expect(absent).toEqual([{ name: 'all@node18', reason, onlyWhenNamed: false }]);
  expect((await trialSuite([excluded, onNode('20')], '/bin')).prepared.map(({ outcome }) => outcome)).toEqual(
    ['done', 'done'],
  );
  expect((await trialSuite([excluded], '/bin')).absent).toEqual([]);
  expect((await trialSuite([excluded], '/bin')).prepared).toMatchObject([
    { outcome: 'failed', findings: [{ code: 'unsupported-node', message: reason }] },
  ]);
});

test('one that cannot be installed does not keep the others from being tried', async () => {
  const broken = trial({ of: 'b', outcome: err({ blame: 'package', message: 'no' }) });
  const trials = [trial({ of: 'a' }), broken];
  expect(await namesOf(trials)).toContain('a:entries');
  expect((await trialSuite(trials, '/bin')).prepared).toMatchObject([
    { name: 'install a', outcome: 'done' },
    { name: 'install b', outcome: 'failed', findings: [{ code: 'setup-failed', message: 'no' }] },
  ]);
});

test.each([
  [['entries'], ['entries@node20', 'entries@node22']],
  [['init@node22'], ['init@node22']],
  [['types'], ['types@node20']],
  // Refused later, under the name that was given.
  [['entry'], ['entry']],
])('%j means %j', async (names, components) => {
  const trials = [onNode('20'), onNode('22')];
  expect((await trialSuite(trials, '/bin')).meant(names)).toEqual(components);
});
