import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../../src/core/random.ts';
import { ratioInterval } from '../../../../src/kinds/init/interval.ts';
import { deniedModules } from '../../../../src/kinds/init/modules.ts';
import { judgeColdStart } from '../../../../src/kinds/init/start.ts';
import { shareOf } from '../../../rig/thorough.ts';

describe('the interval of a ratio', () => {
  test('holds the median, and lies within what was measured', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 100, noNaN: true }), { minLength: 1, maxLength: 30 }),
        fc.nat(),
        (ratios, seed) => {
          const { ratio, low, high } = ratioInterval(ratios, seed);
          expect(low).toBeLessThanOrEqual(ratio);
          expect(high).toBeGreaterThanOrEqual(ratio);
          expect(low).toBeGreaterThanOrEqual(Math.min(...ratios));
          expect(high).toBeLessThanOrEqual(Math.max(...ratios));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('is the same for the same ratios and seed', () => {
    const ratios = [1.1, 1.3, 1.2, 1.6, 1.15];
    expect(ratioInterval(ratios, 7)).toEqual(ratioInterval(ratios, 7));
  });

  test('holds the true median about as often as it says', () => {
    const random = new Random(11);
    const trials = shareOf(300);
    let held = 0;
    for (let trial = 0; trial < trials; trial++) {
      // Skewed, as times are: its median is exp(0) = 1.
      const ratios = Array.from({ length: 20 }, () =>
        Math.exp((random.next() + random.next() + random.next() - 1.5) / 2),
      );
      const { low, high } = ratioInterval(ratios, trial);
      if (low <= 1 && 1 <= high) held += 1;
    }
    expect(held / trials).toBeGreaterThan(0.9);
    expect(held / trials).toBeLessThan(0.99);
  });

  test('an outlier does not move it', () => {
    const calm = Array.from({ length: 19 }, (_, index) => 1.2 + index / 1000);
    expect(ratioInterval([...calm, 40], 1).high).toBeLessThan(1.25);
  });
});

describe('a budget', () => {
  const budget = { text: '< 1.5x', ratio: 1.5 };
  const verdict = (low: number, high: number): string[] =>
    judgeColdStart(budget, { ratio: (low + high) / 2, low, high }, 20, 'it').map(({ code }) => code);

  test('is kept when the whole interval is below it', () => {
    expect(verdict(1.2, 1.49)).toEqual([]);
  });

  test('is exceeded only when the whole interval is above it', () => {
    expect(verdict(1.5, 1.7)).toEqual(['cold-start']);
    expect(verdict(1.49, 1.7)).toEqual(['cold-start-undecided']);
    expect(verdict(1.3, 1.5)).toEqual(['cold-start-undecided']);
  });

  test('that nobody gave is kept', () => {
    expect(judgeColdStart(null, { ratio: 9, low: 9, high: 9 }, 5, 'it')).toEqual([]);
  });
});

describe('a name that is denied', () => {
  const node = { language: 'node', cwd: '/srv/app' } as const;
  const loaded = [
    '/srv/app/node_modules/@a/b/index.js',
    '/srv/app/node_modules/lodash/lodash.js',
    '/srv/app/node_modules/lodash-es/lodash.js',
    '/srv/app/src/heavy/index.js',
    '/srv/app/src/heavy.js',
    'node:fs/promises',
    'node:http',
  ];

  test.each([
    ['lodash', ['/srv/app/node_modules/lodash/lodash.js']],
    ['@a/b', ['/srv/app/node_modules/@a/b/index.js']],
    ['http', ['node:http']],
    ['node:http', ['node:http']],
    ['fs', []],
    ['./src/heavy', ['/srv/app/src/heavy/index.js']],
    ['./src/heavy.js', ['/srv/app/src/heavy.js']],
    ['./src', ['/srv/app/src/heavy/index.js', '/srv/app/src/heavy.js']],
  ])('%s', (name, expected) => {
    expect(deniedModules(name, loaded, node)).toEqual(expected);
  });

  test('of Python stands for its submodules', () => {
    const python = { language: 'python', cwd: '/srv/app' } as const;
    expect(deniedModules('json', ['json', 'json.decoder', 'jsonschema'], python)).toEqual([
      'json',
      'json.decoder',
    ]);
  });
});
