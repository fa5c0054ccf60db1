import { describe, expect, test } from 'vitest';
import { findCycle, sortByNeeds } from '../../../src/kinds/common/needs.ts';
import fc from '../../rig/fast-check.ts';

type Needs = Map<string, string[]>;

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Any graph of needs, with circles or without. */
const graph: fc.Arbitrary<Needs> = fc
  .array(fc.tuple(fc.constantFrom(...NAMES), fc.subarray(NAMES, { maxLength: 3 })), { maxLength: 8 })
  .map((entries) => new Map(entries));

const shuffled = fc.shuffledSubarray(NAMES, { minLength: NAMES.length });

/** A graph without circles: in some hidden order everybody needs only those before. */
const acyclic: fc.Arbitrary<{ needs: Needs; names: string[] }> = fc
  .tuple(shuffled, shuffled, fc.array(fc.tuple(fc.nat({ max: 7 }), fc.nat({ max: 7 })), { maxLength: 14 }))
  .map(([hidden, names, pairs]) => {
    const needs: Needs = new Map(names.map((name) => [name, []]));
    for (const [one, other] of pairs) {
      const [needed, needing] = [hidden[Math.min(one, other)], hidden[Math.max(one, other)]];
      if (needed !== undefined && needing !== undefined && needed !== needing)
        needs.get(needing)?.push(needed);
    }
    return { needs, names };
  });

/** Whether all can be done one after the other, by doing again and again what waits for nothing (Kahn). */
function canBeDone(needs: Needs): boolean {
  const left = new Map([...needs].map(([name, needed]) => [name, new Set(needed)]));
  for (const needed of needs.values())
    for (const name of needed) if (!left.has(name)) left.set(name, new Set());
  for (;;) {
    const free = [...left].filter(([, needed]) => [...needed].every((name) => !left.has(name)));
    if (free.length === 0) return left.size === 0;
    for (const [name] of free) left.delete(name);
  }
}

describe('sortByNeeds', () => {
  test('puts each after all that it needs, and loses and invents none', () => {
    fc.assert(
      fc.property(acyclic, ({ needs, names }) => {
        const sorted = sortByNeeds(names, needs);
        expect([...sorted].sort()).toEqual([...names].sort());
        for (const [name, needed] of needs)
          for (const other of needed) expect(sorted.indexOf(other)).toBeLessThan(sorted.indexOf(name));
      }),
    );
  });

  test('leaves an order alone that is right already', () => {
    fc.assert(
      fc.property(acyclic, ({ needs, names }) => {
        const right = sortByNeeds(names, needs);
        expect(sortByNeeds(right, needs)).toEqual(right);
      }),
    );
    const free = fc.shuffledSubarray(NAMES);
    fc.assert(
      fc.property(free, (names) => {
        expect(sortByNeeds(names, new Map())).toEqual(names);
      }),
    );
  });

  test('brings forward only what is needed', () => {
    const needs = new Map([['b', ['d']]]);
    expect(sortByNeeds(['a', 'b', 'c', 'd', 'e'], needs)).toEqual(['a', 'd', 'b', 'c', 'e']);
  });

  test('does not take in a name that is not there', () => {
    expect(sortByNeeds(['a'], new Map([['a', ['ghost']]]))).toEqual(['a']);
  });

  test('ends in a circle too, with each name once', () => {
    fc.assert(
      fc.property(graph, shuffled, (needs, names) => {
        expect(sortByNeeds(names, needs).sort()).toEqual([...names].sort());
      }),
    );
  });
});

describe('findCycle', () => {
  test('finds one exactly when there is one, and what it finds is one', () => {
    let [circles, lines] = [0, 0];
    fc.assert(
      fc.property(graph, (needs) => {
        const cycle = findCycle(needs);
        expect(cycle === undefined).toBe(canBeDone(needs));
        if (cycle === undefined) {
          lines += 1;
          return;
        }
        circles += 1;
        expect(new Set(cycle).size).toBe(cycle.length);
        for (const [index, name] of cycle.entries())
          expect(needs.get(name)).toContain(cycle[(index + 1) % cycle.length]);
      }),
      { numRuns: 500 },
    );
    expect(Math.min(circles, lines)).toBeGreaterThan(20);
  });

  test('one that needs itself is a circle', () => {
    expect(findCycle(new Map([['a', ['a']]]))).toEqual(['a']);
  });

  test('what leads to a circle is not on it', () => {
    const needs = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['d']],
      ['d', ['b']],
    ]);
    expect(findCycle(needs)).toEqual(['b', 'c', 'd']);
  });
});
