/** Which trials of a proof run side by side. */
import { expect, test } from 'vitest';
import { ms } from '../../../src/core/units.ts';
import { roomFor } from '../../../src/prove/order.ts';
import { command } from '../plan/suites.ts';

const LANES = { jobs: 1, shared: 4 };
const subject = { component: command('sample') };
const fault = { mayShare: true };

test('trials that disturb nobody share the machine', () => {
  expect(roomFor({ fault, subject }, LANES)).toBe(4);
});

test('what a user wrote is tried alone, unless they say otherwise', () => {
  expect(roomFor({ fault: {}, subject }, LANES)).toBe(1);
  expect(roomFor({ fault: { mayShare: false }, subject }, { jobs: 3, shared: 3 })).toBe(3);
});

test.each([
  ['waits for a moment', { takes: ms(500) }],
  ['hangs', { hangs: true }],
] as const)('a fault that %s is tried alone: its verdict hangs on time', (_, timed) => {
  expect(roomFor({ fault: { ...fault, ...timed }, subject }, LANES)).toBe(1);
});

test.each(['needs', 'uses'] as const)('a component that %s something has it to itself', (what) => {
  const component = { ...subject.component, [what]: ['db'] };
  expect(roomFor({ fault, subject: { component } }, LANES)).toBe(1);
});

test('so does one with commands before and after it', () => {
  const clear = { type: 'argv', argv: ['rm', 'state'] } as const;
  for (const around of [{ before: [clear] }, { after: [clear] }])
    expect(roomFor({ fault, subject: { component: { ...subject.component, ...around } } }, LANES)).toBe(1);
});
