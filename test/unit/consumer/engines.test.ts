import { expect, test } from 'vitest';
import { neededNode } from '../../../src/consumer/engines.ts';

const needs = (node: unknown, running: string) =>
  neededNode({ name: 'a', version: '1.0.0', engines: { node: node as string } }, running);

test.each([
  ['>=20', 'v20.12.0'],
  ['^20.19.0 || ^22.13.0 || >=24', 'v24.0.0'],
  ['>=20', 'v24.0.0-nightly20250401'],
  ['>=24.0.0', 'v24.1.0-rc.1'],
  ['20', 'v20.12.0'],
  ['*', 'v20.12.0'],
  // npm takes these for no condition.
  ['', 'v20.12.0'],
  [undefined, 'v20.12.0'],
  [null, 'v20.12.0'],
])('`engines` of %j let %s through', (node, running) => {
  expect(needs(node, running)).toBe(null);
});

test.each([
  ['>=99', 'v20.12.0'],
  ['^20.19.0 || ^22.13.0 || >=24', 'v20.12.0'],
  ['^18', 'v20.12.0'],
  // As npm reads them: what is no range lets nobody through.
  ['the newest', 'v20.12.0'],
])('`engines` of %j do not let %s through', (node, running) => {
  expect(needs(node, running)).toBe(node);
});

test('`engines` in the form of old, a list, are none', () => {
  const engines = ['node >= 99'] as unknown as Record<string, string>;
  expect(neededNode({ name: 'a', version: '1.0.0', engines }, 'v20.12.0')).toBe(null);
});
