import { expect, test } from 'vitest';
import { peersAt } from '../../../src/consumer/peers.ts';

const VERSIONS = ['0.1.0', '16.8.0', '16.14.0', '18.0.0', '19.0.0', '20.0.0-rc.1'];

test.each([
  ['^16.8.0 || ^18.0.0', '16.8.0', '18.0.0'],
  ['>=16', '16.8.0', '19.0.0'],
  ['^18.0.0', '18.0.0', '18.0.0'],
  // Nobody who writes this has tried the first version ever.
  ['*', '19.0.0', '19.0.0'],
  ['>=0.0.0', '19.0.0', '19.0.0'],
  ['^0.1.0', '0.1.0', '0.1.0'],
])('%s allows from %s to %s', (range, lowest, highest) => {
  const peers = [{ name: 'react', range, versions: VERSIONS }];
  expect(peersAt('lowest', peers)).toEqual([`react@${lowest}`]);
  expect(peersAt('highest', peers)).toEqual([`react@${highest}`]);
});

test('a range that no version satisfies asks for nothing', () => {
  expect(peersAt('lowest', [{ name: 'react', range: '^99.0.0', versions: VERSIONS }])).toEqual([]);
});
