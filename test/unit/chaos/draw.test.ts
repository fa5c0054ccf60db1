import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Catalogue, drawTrial, INNOCENTS, MOMENTS, replayCommand } from '../../../chaos/draw.ts';

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
