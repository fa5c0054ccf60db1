/** What of a proof runs side by side. */
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ms } from '../../../src/core/units.ts';
import {
  aloneFirst,
  aloneLast,
  besideComponent,
  besideFault,
  type Guest,
  lanesOf,
  runSideBySide,
} from '../../../src/prove/side-by-side.ts';
import { command } from '../plan/suites.ts';

const COMPONENT = command('sample');
const FAULT = { sharing: 'all' } as const;

test('what disturbs nobody may share the machine, and with whom its kind says', () => {
  expect(besideFault(COMPONENT, FAULT)).toBe('all');
  expect(besideFault(COMPONENT, { sharing: 'others' })).toBe('others');
  expect(besideFault(COMPONENT, {})).toBeUndefined();
});

test.each([
  ['waits for a moment', { takes: ms(500) }],
  ['hangs', { hangs: true }],
] as const)('a fault that %s is tried alone: its verdict hangs on time', (_, timed) => {
  expect(besideFault(COMPONENT, { ...FAULT, ...timed })).toBeUndefined();
});

test.each(['needs', 'uses'] as const)('a component that %s something has it to itself', (what) => {
  expect(besideComponent({ ...COMPONENT, [what]: ['db'] }, 'all')).toBeUndefined();
});

test('so does one with commands before and after it', () => {
  const clear = { type: 'argv', argv: ['rm', 'state'] } as const;
  for (const around of [{ before: [clear] }, { after: [clear] }])
    expect(besideComponent({ ...COMPONENT, ...around }, 'all')).toBeUndefined();
});

const guest = (name: string, sharing: Guest['sharing']): Guest => ({
  component: command(name),
  after: [],
  ports: [],
  sharing,
});

const names = (guests: readonly Guest[]): string[] => guests.map(({ component }) => component.name);

test('what has the machine to itself does not stand between others', () => {
  const guests = [guest('a', 'all'), guest('b', undefined), guest('c', 'others'), guest('d', undefined)];
  expect(names(aloneFirst(guests))).toEqual(['b', 'd', 'a', 'c']);
  expect(names(aloneLast(guests))).toEqual(['a', 'c', 'b', 'd']);
});

/** Which of them run at first, with so much room for those that share. */
async function atFirst(guests: readonly Guest[], capacity = { jobs: 1, shared: 3 }): Promise<string[]> {
  const started: string[] = [];
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const over = runSideBySide(guests, capacity, {
    execute: async ({ component }) => {
      started.push(component.name);
      await ended;
      return 'passed';
    },
    skip: () => {},
    isStopped: () => false,
  });
  await setImmediate();
  const first = [...started];
  end();
  await over;
  expect(started.toSorted()).toEqual(names(guests).toSorted());
  return first;
}

test('no core is idle while one of them waits', async () => {
  const guests = [
    guest('http', 'others'),
    guest('types-1', 'all'),
    guest('types-2', 'all'),
    guest('types-3', 'all'),
  ];
  expect(await atFirst(guests, { jobs: 1, shared: lanesOf(2) })).toEqual(['http', 'types-1', 'types-2']);
});

test('what may share the machine with others only is passed by them, and never runs twice', async () => {
  const guests = [
    guest('http-1', 'others'),
    guest('http-2', 'others'),
    guest('types-1', 'all'),
    guest('types-2', 'all'),
    guest('types-3', 'all'),
  ];
  expect(await atFirst(guests)).toEqual(['http-1', 'types-1', 'types-2']);
});

test('what a user wrote is tried alone, unless they say otherwise', async () => {
  const guests = [guest('a', undefined), guest('b', undefined), guest('c', 'all')];
  expect(await atFirst(guests)).toEqual(['a']);
  expect(await atFirst(guests, { jobs: 3, shared: 3 })).toEqual(['a', 'b', 'c']);
});
