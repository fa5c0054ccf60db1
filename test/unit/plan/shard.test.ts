/** How a plan is dealt to several machines. */
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/core/plan.ts';
import type { Suite } from '../../../src/core/suite.ts';
import { planRun } from '../../../src/plan/plan.ts';
import { deal, shardOf } from '../../../src/plan/shard.ts';
import fc from '../../rig/fast-check.ts';
import { command, service, suite } from './suites.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const db = { type: 'service', name: 'db', needs: [], fresh: false, service: service('db', 0) } as const;

const suites: fc.Arbitrary<Suite> = fc
  .tuple(
    ...NAMES.map((name, at) => fc.tuple(fc.constant(name), fc.subarray(NAMES.slice(0, at)), fc.boolean())),
  )
  .chain((all) => fc.subarray(all, { minLength: 1 }))
  .map((chosen) => {
    const known = new Set(chosen.map(([name]) => name));
    return suite(
      chosen.map(([name, needs, usesDb]) =>
        command(name, { needs: needs.filter((each) => known.has(each)), uses: usesDb ? ['db'] : [] }),
      ),
      { shared: [db], setup: [], absent: [{ name: 'http', reason: 'there is none', onlyWhenNamed: false }] },
    );
  });

const durations = fc
  .array(fc.tuple(fc.constantFrom(...NAMES), fc.double({ min: 0, max: 1e6, noNaN: true })))
  .map((all) => new Map(all));

function planned(of: Suite): Plan {
  const plan = planRun(of, [], { jobs: 1, keepGoing: true, repeat: 1 });
  if (!plan.ok) throw new Error(plan.error[0]?.message);
  return plan.value;
}

const namesOf = ({ components }: Plan): string[] => components.map(({ component }) => component.name);
const shards = (plan: Plan, of: number, past: ReadonlyMap<string, number> = new Map()): Plan[] =>
  Array.from({ length: of }, (_, at) => shardOf(plan, { number: at + 1, of }, past));

describe('of any suite, by any history, in any number of shards', () => {
  test('each component is in one shard, in its order, with all that it needs', () => {
    fc.assert(
      fc.property(suites, durations, fc.integer({ min: 1, max: 12 }), (of, past, count) => {
        const plan = planned(of);
        const parts = shards(plan, count, past);
        expect(parts.flatMap(namesOf).toSorted()).toEqual(namesOf(plan).toSorted());
        for (const part of parts) {
          const own = namesOf(part);
          expect(own).toEqual(namesOf(plan).filter((name) => own.includes(name)));
          for (const { component, after } of part.components) {
            for (const needed of after) expect(own).toContain(needed);
            for (const used of component.uses) expect(part.shared.map(({ name }) => name)).toContain(used);
          }
          if (part.components.every(({ component }) => component.uses.length === 0))
            expect(part.shared).toEqual([]);
        }
        // What is absent is told once, and all shards know that they belong together.
        expect(parts.flatMap(({ skipped }) => skipped)).toHaveLength(1);
        expect(new Set(parts.map(({ shard }) => `${shard?.plan} ${JSON.stringify(shard?.deal)}`)).size).toBe(
          1,
        );
      }),
    );
  });

  test('no shard has more to do than the mean and the longest of what cannot be taken apart', () => {
    fc.assert(
      fc.property(suites, durations, fc.integer({ min: 1, max: 5 }), (of, past, count) => {
        const { components } = planned(of);
        const apart = components.map((each) => ({ ...each, after: [] }));
        const all = new Map(components.map(({ component: { name } }) => [name, past.get(name) ?? 5]));
        const dealt = deal(apart, all, count);
        const loads = Array.from({ length: count }, (_, at) =>
          [...all].reduce((sum, [name, ms]) => sum + (dealt.get(name) === at + 1 ? ms : 0), 0),
        );
        const sum = [...all.values()].reduce((total, ms) => total + ms, 0);
        expect(Math.max(...loads)).toBeLessThanOrEqual((sum / count + Math.max(...all.values())) * 1.000001);
      }),
    );
  });
});

test('the longest are apart, and what is unknown is taken to be like the others', () => {
  const plan = planned(suite(['a', 'b', 'c', 'd', 'new'].map((name) => command(name))));
  const past = new Map([
    ['a', 100],
    ['b', 900],
    ['c', 800],
    ['d', 200],
  ]);
  expect(shards(plan, 2, past).map(namesOf)).toEqual([
    ['a', 'b', 'd'],
    ['c', 'new'],
  ]);
});

test('without a history components are dealt evenly; more shards than there is to deal are empty, and prepare nothing', () => {
  const step = {
    name: 'npm ci',
    command: { type: 'shell', line: 'npm ci' } as const,
    cwd: '/srv/app',
    env: {},
  };
  const setup = [
    {
      ...step,
      inputs: [],
      outputs: [],
      timeout: planned(suite([command('x')])).components[0]?.component.timeout ?? 0,
      undo: null,
    },
  ];
  const plan = planned(
    suite(
      ['a', 'b', 'c'].map((name) => command(name)),
      { setup: setup as Suite['setup'], shared: [db] },
    ),
  );
  expect(shards(plan, 2).map(namesOf)).toEqual([['a', 'c'], ['b']]);
  const four = shards(plan, 4);
  expect(four.map(namesOf)).toEqual([['a'], ['b'], ['c'], []]);
  expect(four.map((part) => part.setup.length)).toEqual([1, 1, 1, 0]);
});

describe('the plan’s hash', () => {
  const hash = (of: Suite, count = 2, past: ReadonlyMap<string, number> = new Map()): string | undefined =>
    shardOf(planned(of), { number: 1, of: count }, past).shard?.plan;
  const two = [command('a'), command('b'), command('c')];
  const usual = hash(suite(two));

  test('is the same in another checkout, and whatever is in an environment', () => {
    const elsewhere = two.map((each) => ({ ...each, cwd: '/builds/7/app', env: { BUILD: '7' } }));
    const source = { type: 'convention', dir: '/builds/7/app/integration' } as const;
    expect(hash(suite(elsewhere, { root: '/builds/7/app', source }))).toBe(usual);
  });

  test.each([
    [
      'another command',
      suite([command('a', { command: { type: 'shell', line: 'other' } }), ...two.slice(1)]),
      2,
    ],
    ['another component', suite([...two, command('d')]), 2],
    ['another number of shards', suite(two), 3],
    ['another suite', suite(two, { source: { type: 'config', file: '/srv/app/other.json' } }), 2],
  ])('is another one with %s', (_, of, count) => {
    expect(hash(of, count)).not.toBe(usual);
  });

  test('is another one when components are dealt differently', () => {
    expect(
      hash(
        suite(two),
        2,
        new Map([
          ['a', 900],
          ['b', 9],
          ['c', 9],
        ]),
      ),
    ).not.toBe(usual);
  });
});
