import { describe, expect, test } from 'vitest';
import type { LoadClient } from '../../../../src/core/load.ts';
import { ms } from '../../../../src/core/units.ts';
import { asOneRate, forLateness, forSilence, withoutPace } from '../../../../src/kinds/http/load-brief.ts';
import { buildLoad, nameInConfig } from '../../../../src/load/options/index.ts';

type Options = Parameters<typeof buildLoad>[0];

function loadOf(options: Omit<Options, 'kind'>, thresholds: readonly string[] = []): LoadClient {
  const tell = (problem: unknown): never => {
    throw new Error(JSON.stringify(problem));
  };
  const origin = { nameOf: nameInConfig, folder: '/', tell };
  return buildLoad({ kind: 'load', ...options } as Options, { texts: thresholds, tell }, origin);
}

const texts = ({ thresholds }: LoadClient): string[] => thresholds.map(({ text }) => text);
const PACE = { answers: 1000, durationMs: 500 };

describe('a load limited by requests is shortened, as it is if limited by time', () => {
  const byRequests = loadOf({ requests: 1000, connections: 10 });
  const byTime = loadOf({ duration: '30s', connections: 10, warmup: '5s' });
  test.each([byRequests, byTime])('%#', (load) => {
    expect(withoutPace(load, PACE)).toMatchObject({ limit: { type: 'requests', requests: 200 }, warmup: 0 });
    expect(forLateness(load, PACE).limit).toEqual({ type: 'requests', requests: 40 });
    expect(forSilence(load, PACE).limit).toEqual({ type: 'requests', requests: 40 });
    expect(forSilence(load, PACE, 1).limit).toEqual({ type: 'requests', requests: 10 });
  });
});

test('it is never made longer, nor sends more than the control', () => {
  const limitOf = (requests: number, answers: number) =>
    withoutPace(loadOf({ requests }), { answers, durationMs: 10 }).limit;
  expect(limitOf(7, 7)).toEqual({ type: 'requests', requests: 7 });
  expect(limitOf(5000, 30)).toEqual({ type: 'requests', requests: 30 });
});

test('a slow service need not give as many answers as a fast one, but enough for one in twenty', () => {
  const limitFor = (durationMs: number) =>
    withoutPace(loadOf({ requests: 1000 }), { answers: 1000, durationMs }).limit;
  expect(limitFor(10_000)).toEqual({ type: 'requests', requests: 100 });
  expect(limitFor(1_000_000)).toEqual({ type: 'requests', requests: 20 });
});

test('what is rare, or rarely checked, takes more requests', () => {
  const mix = [
    { path: '/often', weight: 3 },
    { path: '/rare', weight: 1 },
  ];
  const load = loadOf({ duration: '9s', mix });
  const [, rare] = load.requests;
  const pace = { answers: 100_000, durationMs: 9000 };
  expect(withoutPace(load, pace, rare).limit).toEqual({ type: 'requests', requests: 800 });
  expect(withoutPace({ ...load, checkEvery: 10 }, pace).limit).toEqual({ type: 'requests', requests: 2000 });
});

test('stages are left out, at the level of the highest', () => {
  const stages = [{ duration: '60s', to: 500 }];
  const load = loadOf({ rate: 1, stages });
  expect(withoutPace(load, PACE).model).toMatchObject({ type: 'open', rate: 500, stages: [] });
});

describe('thresholds', () => {
  const load = loadOf({ requests: 1000 }, ['p99 < 50ms', 'rate >= 100/s', 'errors < 1%']);

  test('on times and rates are left out where they cannot be the right reason', () => {
    expect(texts(withoutPace(load, PACE))).toEqual(['errors < 1%']);
    expect(texts(forLateness(load, PACE))).toEqual(['p99 < 50ms', 'rate >= 100/s', 'errors < 1%']);
  });

  test.each(['completed >= 1000', 'errors < 5', 'status.2xx > 900', 'bytes > 1 MB'])(
    '%s depends on the length, which stays',
    (threshold) => {
      const counted = loadOf({ requests: 1000 }, [threshold]);
      expect(withoutPace(counted, PACE)).toEqual(counted);
      expect(forLateness(counted, PACE)).toEqual(counted);
      expect(forSilence(counted, PACE)).toMatchObject({ thresholds: [], limit: { requests: 40 } });
    },
  );

  test('that nothing may fail does not', () => {
    expect(withoutPace(loadOf({ requests: 1000 }, ['errors == 0']), PACE).limit).toMatchObject({
      requests: 200,
    });
  });
});

test('an answer that never comes is not waited for as long as one that may come', () => {
  const { timeouts } = forSilence(loadOf({ requests: 1000 }), PACE, 1);
  expect(timeouts).toEqual({ connect: ms(1000), response: ms(1000) });
  const quick = forSilence(loadOf({ requests: 1000, timeout: '200ms' }), PACE, 1);
  expect(quick.timeouts.response).toBe(200);
});

test('a stream of events that may go on for ever keeps its time limit', () => {
  const load = loadOf({ sse: '/events', duration: '2s' });
  expect(forSilence(load, PACE).limit).toEqual({ type: 'duration', duration: 2000 });
  expect(forSilence(loadOf({ sse: '/events', requests: 9 }), PACE).limit).toEqual({
    type: 'requests',
    requests: 9,
  });
});

test('of a search for a rate, its conditions are tried at its first rate', () => {
  const load = loadOf({ findRate: { while: ['p99 < 50ms', 'errors < 1%'], from: 300 } }, [
    'capacity >= 200/s',
  ]);
  const one = asOneRate(load);
  expect(one).toMatchObject({
    findRate: null,
    model: { type: 'open', rate: 300 },
    limit: { type: 'duration', duration: 1000 },
    warmup: 0,
  });
  expect(texts(one)).toEqual(['p99 < 50ms', 'errors < 1%']);
  const plain = loadOf({ requests: 10 });
  expect(asOneRate(plain)).toBe(plain);
});
