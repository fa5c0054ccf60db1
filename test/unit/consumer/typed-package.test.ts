import { describe, expect, test } from 'vitest';
import { oldestTypeScript } from '../../../src/consumer/typed-package.ts';

const ofPeer = (typescript: unknown) =>
  oldestTypeScript({ name: 'a', version: '1.0.0', peerDependencies: { typescript: typescript as string } });

describe('the oldest TypeScript that a package says it supports', () => {
  test.each([
    ['>=5.0.4 <7', '5.0'],
    ['^5.4.0', '5.4'],
    ['~5.6', '5.6'],
    ['5.3 - 5.9', '5.3'],
    ['^5', '5.0'],
    ['>=5', '5.0'],
    ['5', '5.0'],
    ['5.x || 6.x', '5.0'],
    ['^6', '6.0'],
    ['>5.3', '5.4'],
    ['>5.3.2', '5.3'],
    ['>=5.2.0-beta', '5.2'],
    ['5.8.2 || 5.1.6', '5.1'],
    // Its oldest cannot be tried: then it is the oldest of those that can.
    ['>=4.7', '5.0'],
    ['^4 || ^5.1', '5.1'],
    ['^4.7 || ^5.1', '5.1'],
    ['>=4.8.4 <6.1.0', '5.0'],
    ['<=5.4', '5.0'],
    ['< 5.9', '5.0'],
    // None can be tried: then the nearest.
    ['^4.7', '5.0'],
    ['^4', '5.0'],
  ])('of %s it is %s', (range, oldest) => {
    expect(ofPeer(range)).toBe(oldest);
  });

  test.each(['*', '', 'x', 'next', 'npm:@typescript/native@5.1', 'not 5.1 a range', 5.1, null, ['5.1']])(
    'of %j it is not known',
    (range) => {
      expect(ofPeer(range)).toBe(null);
    },
  );

  test('is read from `engines` where no peer says it', () => {
    const engines = { typescript: '>=5' };
    expect(oldestTypeScript({ name: 'a', version: '1.0.0', engines })).toBe('5.0');
    expect(oldestTypeScript({ name: 'a', version: '1.0.0', engines, peerDependencies: {} })).toBe('5.0');
    expect(
      oldestTypeScript({
        name: 'a',
        version: '1.0.0',
        engines,
        peerDependencies: { typescript: '^5.2' },
      }),
    ).toBe('5.2');
    expect(oldestTypeScript({ name: 'a', version: '1.0.0' })).toBe(null);
  });
});
