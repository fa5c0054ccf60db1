import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startBudget } from '../../../../src/cli/option-values.ts';
import { plainBase } from '../../../../src/consumer/trial.ts';
import { Random } from '../../../../src/core/random.ts';
import { ms } from '../../../../src/core/units.ts';
import { isMeasured, withBudget } from '../../../../src/kinds/init/budget.ts';
import { ratioInterval } from '../../../../src/kinds/init/interval.ts';
import { deniedModules } from '../../../../src/kinds/init/modules.ts';
import type { ImportCosts } from '../../../../src/kinds/init/protocol.ts';
import { judgeColdStart, judgeCount, slowest } from '../../../../src/kinds/init/start.ts';
import fc from '../../../rig/fast-check.ts';
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

test('where the time of a start goes is told by Python itself', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-costs-'));
  try {
    writeFileSync(join(folder, 'light.py'), '');
    writeFileSync(join(folder, 'heavy.py'), 'import light\nfor _ in range(3_000_000): pass\n');
    const harness = resolve(import.meta.dirname, '../../../../src/kinds/init/harness/main.py');
    const report = join(folder, 'report');
    const env = { ...process.env, SHAKEDOWN_INIT_REPORT: report };
    execFileSync('python3', [harness, 'costs', 'heavy'], { cwd: folder, env });
    const found = JSON.parse(readFileSync(report, 'utf8')) as ImportCosts;
    expect(found.costs.map(({ module }) => module)).toEqual(['light', 'heavy']);
    expect(slowest(found).map((line) => line.replace(/^[\d.]+ ms/, 'N'))).toEqual([
      'the slowest imports, by themselves (python -X importtime):',
      'N: heavy',
      'N: light',
    ]);
    expect(slowest(undefined)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
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

describe('a budget of the command line', () => {
  const base = { ...plainBase('x', '/', ms(1000)), module: 'lib' };

  test.each([
    ['start=3x,modules=200', { start: 3, modules: 200 }],
    ['modules=0', { modules: 0 }],
    ['start=1.25x', { start: 1.25 }],
    ['start=0.5x', { start: 0.5 }],
  ])('%s', (text, budget) => {
    expect(startBudget(text)).toEqual(budget);
  });

  test.each(['', 'start=3', 'start=0x', 'start=0.0x', 'modules=1x', 'size=3', 'start=1x,start=2x'])(
    '%j is a mistake',
    (text) => {
      expect(() => startBudget(text)).toThrow();
    },
  );

  test('is given to what measures a start, and to nothing else', () => {
    const init = { ...base, kind: 'init' };
    expect(withBudget(init, startBudget('start=2x,modules=5'))).toMatchObject({
      coldStart: { text: '< 2x', ratio: 2 },
      mostModules: 5,
    });
    expect(withBudget(init, {})).toEqual(init);
    const entries = { ...base, kind: 'entries' };
    expect(withBudget(entries, startBudget('modules=5'))).toBe(entries);
    expect([isMeasured(init), isMeasured(entries)]).toEqual([true, false]);
  });

  test('fails with more modules than it allows', () => {
    const count = (mostModules?: number) =>
      judgeCount({ module: 'lib', ...(mostModules === undefined ? {} : { mostModules }) }, ['a', 'b'], 'x');
    expect(count(1)).toMatchObject([
      { code: 'too-many-modules', message: 'lib loads 2 modules at startup, over the budget of 1' },
    ]);
    expect(count(2)).toEqual([]);
    expect(count()).toEqual([]);
  });
});
