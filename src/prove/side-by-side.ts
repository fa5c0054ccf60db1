/**
 * Runs components, and the same with faults, side by side: unless the user says how many, only where none can disturb
 * another.
 */
import type { PlannedComponent } from '../core/plan.ts';
import type { Component } from '../core/suite.ts';
import { runSchedule, type Schedule } from '../engine/schedule.ts';
import type { Fault, Sharing } from '../kinds/sabotage.ts';

/** What is to be run. */
export interface Guest extends PlannedComponent {
  /** What may run beside it; undefined: nothing. */
  readonly sharing: Sharing | undefined;
}

/** How many may run at once. */
export interface Capacity {
  /** Of any kind: a client may take files, ports or time for its own, so by default one. */
  readonly jobs: number;
  /** Of those that may share the machine. */
  readonly shared: number;
}

/** How many may share so many cores: each of them waits now and then, for a server to be ready or for a process to end. */
export const lanesOf = (cores: number): number => cores + 1;

/** A component with a state of its own, in services or made by commands, has the machine to itself. */
type Contained = Pick<Component, 'before' | 'after' | 'needs' | 'uses'>;

/** @returns what may run beside a component of whose kind that is said */
export const besideComponent = (
  { before, after, needs, uses }: Contained,
  sharing: Sharing | undefined,
): Sharing | undefined =>
  [before, after, needs, uses].every(({ length }) => length === 0) ? sharing : undefined;

/** @returns what may run beside a component with a fault */
export function besideFault(
  component: Contained,
  { sharing, takes, hangs }: Pick<Fault, 'sharing' | 'takes' | 'hangs'>,
): Sharing | undefined {
  const isTimed = takes !== undefined || hangs === true;
  return isTimed ? undefined : besideComponent(component, sharing);
}

const isAlone = ({ sharing }: Guest): boolean => sharing === undefined;

/** What has the machine to itself comes first, or last: in between, it would make the others wait. */
export const aloneFirst = (guests: readonly Guest[]): Guest[] =>
  guests.toSorted((a, b) => Number(isAlone(b)) - Number(isAlone(a)));
export const aloneLast = (guests: readonly Guest[]): Guest[] =>
  guests.toSorted((a, b) => Number(isAlone(a)) - Number(isAlone(b)));

/**
 * Runs them all, whatever becomes of any; returns when the last one has ended.
 *
 * @param execute called for each guest that is run
 */
export async function runSideBySide(
  guests: readonly Guest[],
  { jobs, shared }: Capacity,
  { execute, ...rest }: Omit<Schedule<Guest>, 'stopAll' | 'room' | 'excludes' | 'endsRun'>,
): Promise<void> {
  await runSchedule<Guest>(
    { components: guests, jobs, keepGoing: true },
    {
      ...rest,
      execute,
      stopAll: () => {},
      room: (guest) => (isAlone(guest) ? jobs : shared),
      excludes: (one, other) => one.sharing === 'others' && other.sharing === 'others',
    },
  );
}
