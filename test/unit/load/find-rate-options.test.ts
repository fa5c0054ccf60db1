/** What a search for a rate is told, and which mistakes in that are found before anything is sent. */
import { describe, expect, test } from 'vitest';
import { runLoad } from '../../../src/config/run-load.ts';
import type { LoadPlan } from '../../../src/core/load.ts';
import { buildLoadPlan, nameInConfig, type WordsBesideUrl } from '../../../src/load/options/index.ts';

function planOf(words: WordsBesideUrl, thresholds: readonly string[] = []): LoadPlan {
  const tell = (problem: unknown): never => {
    throw new Error(JSON.stringify(problem));
  };
  const plan = buildLoadPlan('http://localhost/', words, thresholds, {
    nameOf: nameInConfig,
    folder: '/',
    tell,
  });
  if (plan === undefined) throw new Error('there is no plan');
  return plan;
}

describe('a search', () => {
  test('begins with 100 a second, goes down to 1 and up to 100,000, ten seconds each', () => {
    const { findRate, model, limit, warmup } = planOf({ findRate: { while: 'p99 < 50ms' } }, [
      'capacity >= 2/s',
    ]);
    expect(findRate).toMatchObject({
      conditions: [{ text: 'p99 < 50ms' }],
      start: 100,
      least: 1,
      most: 100_000,
    });
    expect({ model, limit, warmup }).toMatchObject({
      model: { type: 'open', arrivals: 'constant', connections: 1000 },
      limit: { type: 'duration', duration: 10_000 },
      warmup: 2000,
    });
  });

  test('keeps to what it is told', () => {
    const { findRate, model, limit, warmup } = planOf({
      findRate: { while: ['p99 < 50ms', 'errors < 1%'], from: 50, to: 60 },
      ...{ arrivals: 'poisson', duration: '30s', warmup: '1s', connections: 7 },
    });
    expect(findRate).toMatchObject({ start: 50, least: 50, most: 60 });
    expect(findRate?.conditions.map(({ text }) => text)).toEqual(['p99 < 50ms', 'errors < 1%']);
    expect({ model, limit, warmup }).toMatchObject({
      model: { arrivals: 'poisson', connections: 7 },
      limit: { duration: 30_000 },
      warmup: 1000,
    });
  });

  test.each([
    [{ to: 20 }, { start: 20, least: 1, most: 20 }],
    [{ to: 0.5 }, { start: 0.5, least: 0.5, most: 0.5 }],
    [{ from: 200_000 }, { start: 200_000, least: 200_000, most: 200_000 }],
  ])('with %j', (range, expected) => {
    expect(planOf({ findRate: { while: 'p99 < 50ms', ...range } }).findRate).toMatchObject(expected);
  });
});

test.each<[Partial<Parameters<typeof runLoad>[0]>, RegExp[]]>([
  [{ findRate: { while: 'p99 < 50' } }, [/"p99" cannot be compared with a number without a unit/]],
  [{ findRate: { while: ['p99 < 5s', 'p98 < 5s'] } }, [/there is no metric "p98"/]],
  [{ findRate: { while: [] } }, [/must be a condition/]],
  [{ findRate: { while: 'p99 < 1s', from: 0 } }, [/"from" must be a rate a second above 0/]],
  [{ findRate: { while: 'p99 < 1s', from: 9, to: 5 } }, [/`findRate.from` is more than `findRate.to`/]],
  [{ findRate: { while: 'capacity > 1/s' } }, [/cannot be a condition/, /write it as a threshold/]],
  [
    { findRate: { while: 'p99 < 1s' }, rate: 5, requests: 10, stages: [{ duration: '1s', to: 5 }] },
    [/`findRate` and `rate` and `requests` and `stages` contradict each other/],
  ],
  [
    { findRate: { while: 'p99 < 1s' }, abortOn: ['errors > 1'] },
    [/`findRate` and `abortOn` contradict each other/],
  ],
  [
    { thresholds: ['capacity >= 2000/s'] },
    [/"capacity >= 2000\/s" needs a search for the capacity/, /say with `findRate`/],
  ],
  [{ thresholds: ['capacity{GET /} >= 2000/s'] }, [/"capacity" is that of all requests together/]],
  [
    { findRate: { while: 'p99 < 1s' }, thresholds: ['p99 < 2s'] },
    [/"p99 < 2s" cannot be a threshold of a search/, /give it to `findRate`/],
  ],
])('%j is a mistake', async (options, expected) => {
  const message = await runLoad({ url: 'http://localhost:1', ...options }).catch(
    (error: Error) => error.message,
  );
  for (const pattern of expected) expect(message).toMatch(pattern);
});
