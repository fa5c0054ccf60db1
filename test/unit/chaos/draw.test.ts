import { expect, test } from 'vitest';
import { type Catalogue, drawTrial, INNOCENTS, MOMENTS, replayCommand } from '../../../chaos/draw.ts';
import fc from '../../rig/fast-check.ts';

const CATALOGUE: Catalogue = {
  behaviours: ['child', 'daemon', 'hopper', 'tree', 'nginx'],
  events: ['normal-end', 'sigint', 'sigkill'],
  tiers: ['cgroup', 'finders'],
};

test('the same seed and number give the same trial, whichever were drawn before', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat({ max: 10_000 }), (seed, number) => {
      const trial = drawTrial(seed, number, CATALOGUE);
      drawTrial(seed, number + 1, CATALOGUE);
      expect(drawTrial(seed, number, CATALOGUE)).toEqual(trial);
    }),
  );
});

test('naming what was drawn changes nothing else: so a trial is replayed where the lists are others', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat({ max: 10_000 }), (seed, number) => {
      const trial = drawTrial(seed, number, CATALOGUE);
      const named = { behaviours: [trial.behaviour], events: [trial.event], tiers: [trial.tier] };
      expect(drawTrial(seed, number, named)).toEqual(trial);
    }),
  );
});

test('the command that replays a trial names all that was drawn from lists', () => {
  const trial = drawTrial(7, 113, { behaviours: ['tree'], events: ['sigkill'], tiers: ['pid-namespace'] });
  expect(replayCommand(trial)).toBe(
    'npm run chaos -- --seed 7 --trial 113 --tier pid-namespace --behaviour tree --event sigkill',
  );
});

test.each([0, 1, 2, 20261124])('seed %i: nothing is drawn much more often than its share', (seed) => {
  const trials = Array.from({ length: 3000 }, (_, number) => drawTrial(seed, number, CATALOGUE));
  const counts = new Map<string, number>();
  const count = (key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const { behaviour, event, tier } of trials) count(`${behaviour} ${event} ${tier}`);
  // 30 combinations of 100 each; five standard deviations of a fair draw are 49.
  expect(counts.size).toBe(30);
  for (const [combination, times] of counts) expect(Math.abs(times - 100), combination).toBeLessThan(49);
});

test.each([0, 11, 20261124])('seed %i: no two aspects go together', (seed) => {
  // Even lengths, whose parities would show it.
  const even: Catalogue = {
    behaviours: Array.from({ length: 16 }, (_, index) => `b${index}`),
    events: Array.from({ length: 20 }, (_, index) => `e${index}`),
    tiers: ['t0', 't1', 't2', 't3'],
  };
  const trials = Array.from({ length: 16_000 }, (_, number) => drawTrial(seed, number, even));
  const pairs = new Map<string, number>();
  const count = (key: string): void => void pairs.set(key, (pairs.get(key) ?? 0) + 1);
  for (const { behaviour, event, tier } of trials) {
    count(`${event} ${tier}`);
    count(`${behaviour} ${tier}`);
    count(`${behaviour} ${event}`);
  }
  expect(pairs.size).toBe(80 + 64 + 320);
  for (const [pair, times] of pairs) {
    const fair = pair.startsWith('e') ? 200 : pair.includes('t') ? 250 : 50;
    expect(Math.abs(times - fair), pair).toBeLessThan(6 * Math.sqrt(fair));
  }
});

test('every moment and every kind of innocents comes up, and most trials have none', () => {
  const trials = Array.from({ length: 400 }, (_, number) => drawTrial(3, number, CATALOGUE));
  expect(new Set(trials.map(({ moment }) => moment))).toEqual(new Set(MOMENTS));
  expect(new Set(trials.map(({ innocent }) => innocent))).toEqual(new Set([null, ...INNOCENTS]));
  const share = trials.filter(({ innocent }) => innocent !== null).length / trials.length;
  expect(share).toBeGreaterThan(0.15);
  expect(share).toBeLessThan(0.35);
});

test('nothing to draw from is an error, not a trial of nothing', () => {
  expect(() => drawTrial(1, 1, { ...CATALOGUE, tiers: [] })).toThrow('nothing to draw from');
});
