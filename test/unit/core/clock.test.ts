import { describe, expect, test } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import fc from '../../rig/fast-check.ts';
import { VirtualTime } from '../../rig/virtual-time.ts';

function start(): { time: VirtualTime; clock: Clock } {
  const time = new VirtualTime();
  return { time, clock: new Clock(time) };
}

describe('a clock', () => {
  test('shows the time that has passed, without that for which it stood', () => {
    const { time, clock } = start();
    const before = clock.now();
    time.pass(100);
    clock.suspend();
    time.pass(10_000);
    expect(clock.now() - before).toBe(100);
    expect(clock.resume()).toBe(10_000);
    time.pass(5);
    expect(clock.now() - before).toBe(105);
  });

  test('reads the moments of its source', () => {
    const { time, clock } = start();
    clock.suspend();
    time.pass(300);
    clock.resume();
    expect(clock.at(time.now())).toBe(clock.now());
  });

  test('stopped twice stands once, and only a clock that stands goes on', () => {
    const { time, clock } = start();
    clock.suspend();
    time.pass(10);
    clock.suspend();
    time.pass(10);
    expect(clock.resume()).toBe(20);
    time.pass(10);
    expect(clock.resume()).toBe(0);
  });
});

describe('a timer', () => {
  test('comes due once', () => {
    const { time, clock } = start();
    let calls = 0;
    clock.after(100, () => calls++);
    time.pass(99);
    expect(calls).toBe(0);
    time.pass(1);
    expect(calls).toBe(1);
    time.pass(1000);
    expect(calls).toBe(1);
    expect(time.alarms).toBe(0);
  });

  test('has left what it had left, however long the clock stood', () => {
    const { time, clock } = start();
    let isDue = false;
    clock.after(100, () => {
      isDue = true;
    });
    time.pass(60);
    clock.suspend();
    expect(time.alarms).toBe(0);
    time.pass(3_600_000);
    clock.resume();
    time.pass(39);
    expect(isDue).toBe(false);
    time.pass(1);
    expect(isDue).toBe(true);
  });

  test('that is set while the clock stands begins when it goes on', () => {
    const { time, clock } = start();
    let isDue = false;
    clock.suspend();
    clock.after(100, () => {
      isDue = true;
    });
    time.pass(1000);
    expect(isDue).toBe(false);
    clock.resume();
    time.pass(100);
    expect(isDue).toBe(true);
  });

  test('that is taken back never comes due, also when it was taken back while the clock stood', () => {
    const { time, clock } = start();
    let calls = 0;
    const takeBack = [clock.after(10, () => calls++), clock.after(10, () => calls++)];
    takeBack[0]?.();
    clock.suspend();
    takeBack[1]?.();
    clock.resume();
    time.pass(1000);
    expect(calls).toBe(0);
    expect(time.alarms).toBe(0);
  });

  test('may be a signal', () => {
    const { time, clock } = start();
    const signal = clock.timeout(50);
    clock.suspend();
    time.pass(50);
    clock.resume();
    expect(signal.aborted).toBe(false);
    time.pass(50);
    expect(signal.aborted).toBe(true);
  });

  test('comes due after just its span, whenever and however often the clock stands', () => {
    const spans = fc.array(fc.record({ goes: fc.nat(50), stands: fc.nat(1000) }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.nat(500), spans, (span, spells) => {
        const { time, clock } = start();
        const began = clock.now();
        let due: number | undefined;
        clock.after(span, () => {
          due = clock.now();
        });
        for (const { goes, stands } of spells) {
          time.pass(goes);
          clock.suspend();
          time.pass(stands);
          clock.resume();
        }
        time.pass(span);
        expect(due).toBe(began + span);
      }),
    );
  });
});

test('by itself a clock shows the time of the machine', async () => {
  const clock = new Clock();
  const before = clock.now();
  await new Promise<void>((resolve) => clock.after(1, resolve));
  expect(clock.now() - before).toBeGreaterThan(0);
});
