/** The guide to load runs names every metric that there is, and every word of a load can be said on the command line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { readOptionTexts } from '../../scripts/option-texts.ts';
import { flagOf, loadOptions } from '../../src/cli/load-flags.ts';
import { METRICS } from '../../src/core/metric.ts';
import { ROOT } from './blocks.ts';

const guide = ['load.md', 'streams.md']
  .map((page) => readFileSync(join(ROOT, 'docs', page), 'utf8'))
  .join('\n');

test('every metric of a threshold', () => {
  const named = new Set([...guide.matchAll(/`([\w.-]+)`/g)].map(([, name]) => name));
  // Families of a clock, and of what the target has, are named by one of each.
  const isOfFamily = (name: string): boolean =>
    /^(?:response|service|sendLag|iterations|ws\.(?:latency|connect|gap)|sse\.(?:first|connect|gap))\./.test(
      name,
    ) || /^target\.(?:threads|descriptors)\./.test(name);
  expect([...METRICS.keys()].filter((name) => !isOfFamily(name) && !named.has(name))).toEqual([]);
});

test('every word of `load({ … })` that the URL does not say is a flag of `shakedown load`, or several', () => {
  const flags = loadOptions(new Command()).options.map(({ long }) => long ?? '');
  const words = (readOptionTexts().get('LoadOptions')?.options ?? []).map(({ name }) => name);
  expect(words.length).toBeGreaterThan(30);
  const without = words.filter((word) => {
    const flag = flagOf([word]);
    return !flags.some((each) => each === flag || each.startsWith(`${flag}-`));
  });
  // Steps need more than a flag can say.
  const ofUsers = ['steps', 'before', 'onStatus', 'think', 'users'];
  expect(without.filter((word) => !ofUsers.includes(word))).toEqual(['kind', 'path', 'websocket', 'https']);
});
