/** The guide to load runs names every metric that there is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { METRICS } from '../../src/domain/metric.ts';
import { ROOT } from './blocks.ts';

const guide = readFileSync(join(ROOT, 'docs/load.md'), 'utf8');

test('every metric of a threshold', () => {
  const named = new Set([...guide.matchAll(/`([\w.-]+)`/g)].map(([, name]) => name));
  // Families of a clock, and of what the target has, are named by one of each.
  const isOfFamily = (name: string): boolean =>
    /^(?:response|service|sendLag)\./.test(name) || /^target\.(?:threads|descriptors)\./.test(name);
  expect([...METRICS.keys()].filter((name) => !isOfFamily(name) && !named.has(name))).toEqual([]);
});
