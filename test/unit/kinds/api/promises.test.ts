/** What package.json promised the users of the last release: versions of Node and of peers. */
import { expect, test } from 'vitest';
import type { Manifest } from '../../../../src/consumer/installed-package.ts';
import { lostPromises, otherMajors } from '../../../../src/kinds/api/promises.ts';

const manifest = (fields: Partial<Manifest>): Manifest => ({ name: 'a', version: '1.0.0', ...fields });
const node = (range: string) => ({ engines: { node: range } });
const peer = (range: string, optional = false) => ({
  peerDependencies: { react: range },
  peerDependenciesMeta: { react: { optional } },
});

test.each<[string, Partial<Manifest>, Partial<Manifest>, string[]]>([
  ['Nodes', node('>=16'), node('>=20'), ['`engines` no longer allows Node.js 16, 18']],
  ['the newest Node', node('>=18'), node('18 || 20'), ['`engines` no longer allows Node.js 22']],
  ['a Node that had no long life', node('18 || 19 || 20'), node('18 || 20'), []],
  ['a minor of a Node', node('>=18'), node('>=18.17'), []],
  ['more Nodes', node('>=20'), node('>=18'), []],
  ['what was never said', {}, node('>=20'), []],
  ['all that was said', node('>=18'), {}, []],
  ['what is no range', node('>=18'), node('lts'), []],
  [
    'majors of a peer',
    peer('^16 || ^17 || ^18'),
    peer('^18'),
    ['it no longer goes with react 16, 17, a peer'],
  ],
  ['a peer that could be any', peer('*'), peer('^18'), []],
  ['more of a peer', peer('^17'), peer('^17 || ^18'), []],
  ['a newer minor of a peer', peer('^18.0.0'), peer('^18.2.0'), []],
  ['a new peer', {}, peer('^18'), ['it needs react beside it now, as a peer']],
  ['a new peer that can be left out', {}, peer('^18', true), []],
  ['a dependency that is a peer now', { dependencies: { react: '^18' } }, peer('^18'), []],
  ['a peer that could be left out', peer('^18', true), peer('^18'), ['react, a peer, is no longer optional']],
])('%s', (_, before, after, lost) => {
  expect(lostPromises(manifest(before), manifest(after))).toEqual(lost);
});

test('dependencies on other majors are shown, and no mistake', () => {
  const before = { chalk: '^4.1.0', same: '^1.2.0', zero: '0.1.0', gone: '1', odd: 'github:a/b' };
  const after = { chalk: '^5.0.0', same: '^1.9.0', zero: '0.2.0', more: '1', odd: '^2' };
  const [old, now] = [before, after].map((dependencies) => manifest({ dependencies })) as [
    Manifest,
    Manifest,
  ];
  expect(otherMajors(old, now)).toEqual({ was: ['chalk ^4.1.0'], is: ['chalk ^5.0.0'] });
});
