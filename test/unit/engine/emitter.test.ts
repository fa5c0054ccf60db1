import { describe, expect, test } from 'vitest';
import type { RunEvent, Stamped } from '../../../src/core/event.ts';
import { createEmitter } from '../../../src/engine/emitter.ts';
import fc from '../../rig/fast-check.ts';

const output = (lastLine: string): RunEvent => ({ type: 'output', component: 'a', step: 'a', lastLine });

describe('the emitter', () => {
  test('gives each event its number and its time since the start', () => {
    const times = [1000, 1000, 1000.5, 1012.3456789];
    const seen: Stamped[] = [];
    const emit = createEmitter([(event) => seen.push(event)], () => times.shift() ?? 0);
    for (const line of ['one', 'two', 'three']) emit(output(line));
    expect(seen).toEqual([
      { ...output('one'), seq: 0, elapsedMs: 0 },
      { ...output('two'), seq: 1, elapsedMs: 0.5 },
      { ...output('three'), seq: 2, elapsedMs: 12.346 },
    ]);
  });

  test('hands each event to every sink at once, in order, before the next', () => {
    const seen: string[] = [];
    const sink = (name: string) => (event: Stamped) => seen.push(`${name}${event.seq}`);
    const emit = createEmitter([sink('journal '), sink('screen ')], () => 0);
    emit(output('x'));
    expect(seen).toEqual(['journal 0', 'screen 0']);
    emit(output('y'));
    expect(seen).toEqual(['journal 0', 'screen 0', 'journal 1', 'screen 1']);
  });

  test('leaves the event alone, and what it makes survives JSON', () => {
    fc.assert(
      fc.property(fc.string(), fc.double({ min: 0, max: 1e9, noNaN: true }), (line, later) => {
        const event = Object.freeze(output(line));
        let seen: Stamped | undefined;
        const times = [0, later];
        createEmitter([(stamped) => (seen = stamped)], () => times.shift() ?? 0)(event);
        expect(event).toEqual(output(line));
        expect(JSON.parse(JSON.stringify(seen))).toEqual(seen);
        expect(Math.abs((seen?.elapsedMs ?? Number.NaN) - later)).toBeLessThan(0.001);
      }),
    );
  });

  test('counts from its own start, whenever the clock began', () => {
    const seen: Stamped[] = [];
    const emit = createEmitter([(event) => seen.push(event)], () => performance.now());
    emit(output('x'));
    emit(output('y'));
    const [first, second] = seen.map(({ elapsedMs }) => elapsedMs);
    expect(first).toBeGreaterThanOrEqual(0);
    expect(second).toBeGreaterThanOrEqual(first ?? Number.NaN);
  });
});
