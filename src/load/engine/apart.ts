/**
 * A target that was told to leave while machines sent to it whose clocks are not quite the same. What one of them saw is brought
 * into an order with the signal, as far as bounds on the clocks allow; where they do not, by what followed: a listener that is
 * closed for good by then was closed by the signal.
 */
import type { DepartureClocks, LoadDeparture } from '../../core/load-departure.ts';
import { addDepartures, behind, departureOf, type PartDeparture } from '../merge/departure.ts';

/** From the least to the most that it can be, in milliseconds. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** That the target was told. */
export interface Told {
  /** When, in milliseconds since 1970 by the clock that all others are held against. */
  readonly at: Bounds;
  /** When the load began, likewise. */
  readonly startedAt: number;
  /** How far the clock of each part is ahead of that one. */
  readonly ahead: ReadonlyMap<number, Bounds>;
}

/** Threads of a machine have clocks of their own, which agree so far; in milliseconds. */
const THREADS = 1;
/** What happened within so many milliseconds of the signal is taken for simultaneous with it, if it fits. With vaguer clocks nothing is. */
const VAGUE = 250;
/** How old the number of requests in flight may be at the signal, in milliseconds. */
const STALE = 1000;

const middle = ({ least, most }: Bounds): number => (least + most) / 2;
const widthOf = ({ least, most }: Bounds): number => most - least;

/** By the common clock. */
const placed = (time: number, { least, most }: Bounds): Bounds => ({
  least: time - most,
  most: time - least,
});

type Order = 'before' | 'after' | 'unknown';

const orderOf = (event: Bounds, { at }: Told): Order =>
  event.most < at.least ? 'before' : event.least > at.most ? 'after' : 'unknown';

interface Seen {
  readonly departure: PartDeparture;
  readonly ahead: Bounds;
}

/** Whether a connection was begun without doubt after one was refused, and was established. */
function isAcceptedAfter(
  refusedMs: number,
  by: Seen,
  { departure: { part, lastBegunMs }, ahead }: Seen,
): boolean {
  if (lastBegunMs === null) return false;
  if (part === by.departure.part) return lastBegunMs > refusedMs + THREADS;
  return placed(lastBegunMs, ahead).least > placed(refusedMs, by.ahead).most;
}

interface Look {
  readonly earlyMs: number | null;
  readonly doubts: readonly string[];
}

const NONE: Look = { earlyMs: null, doubts: [] };

const inMs = (span: number): string => `${Math.ceil(span)} ms`;

/** What is to be said of the first event of a kind that one part has seen. */
function look(seen: Seen, at: number | null, told: Told, what: string): Look {
  if (at === null) return NONE;
  const event = placed(at, seen.ahead);
  const order = orderOf(event, told);
  if (order === 'before') return { earlyMs: middle(event) - middle(told.at), doubts: [] };
  const apart = widthOf(seen.ahead) + widthOf(told.at);
  return order === 'after' || apart <= VAGUE
    ? NONE
    : {
        earlyMs: null,
        doubts: [
          `whether ${what} before the signal or after it: the clocks of the agents and of this machine agree to ${inMs(apart)} only`,
        ],
      };
}

/** A refusal at about the time of the signal is of the stop if nothing was accepted after it. */
function lookAtRefusal(seen: Seen, all: readonly Seen[], told: Told): Look {
  const { firstRefusedMs } = seen.departure;
  const found = look(seen, firstRefusedMs, told, 'a connection was refused');
  if (firstRefusedMs === null || found !== NONE) return found;
  if (orderOf(placed(firstRefusedMs, seen.ahead), told) === 'after') return NONE;
  if (!all.some((other) => isAcceptedAfter(firstRefusedMs, seen, other))) return NONE;
  return {
    earlyMs: null,
    doubts: [
      'whether a connection was refused before the signal or after it: it was at about that time, and another one was accepted later',
    ],
  };
}

/** Whether requests in flight were counted before the signal, without doubt. */
const isCounted = ({ departure: { countedMs }, ahead }: Seen, told: Told): boolean =>
  countedMs !== null && orderOf(placed(countedMs, ahead), told) === 'before';

function staleness(all: readonly Seen[], told: Told): string[] {
  const counted = all.flatMap(({ departure: { countedMs }, ahead }) =>
    countedMs === null ? [] : [placed(countedMs, ahead).least],
  );
  const age = told.at.most - Math.min(...counted);
  return counted.length > 0 && age > STALE
    ? [
        `how many requests were in flight at the signal: they were counted up to ${inMs(age)} before it, when it was due`,
      ]
    : [];
}

const first = (looks: readonly Look[]): number | null => {
  const times = looks.flatMap(({ earlyMs }) => earlyMs ?? []);
  return times.length === 0 ? null : Math.min(...times);
};

/** Adds up what the parts have seen. Of one whose clock is unknown nothing is taken. */
export function departureApart(departures: readonly PartDeparture[], told: Told): LoadDeparture {
  const all = departures.flatMap((departure): Seen[] => {
    const ahead = told.ahead.get(departure.part);
    return ahead === undefined ? [] : [{ departure, ahead }];
  });
  const refusals = all.map((seen) => lookAtRefusal(seen, all, told));
  const crossings = all.map((seen) =>
    look(seen, seen.departure.firstCrossedMs, told, 'a request crossed the end of its connection'),
  );
  const widths = all.map(({ ahead }) => widthOf(ahead));
  const clocks: DepartureClocks = {
    withinMs: widthOf(told.at) + Math.max(0, ...widths),
    refusedEarlyMs: first(refusals),
    crossedEarlyMs: first(crossings),
    doubts: [
      ...new Set([...refusals, ...crossings].flatMap(({ doubts }) => doubts)),
      ...staleness(all, told),
    ],
  };
  const sum = addDepartures(
    all.map((seen) => ({
      ...behind(seen.departure, middle(seen.ahead)),
      ...(isCounted(seen, told) ? {} : { inFlight: 0 }),
    })),
  );
  return { ...departureOf(sum, middle(told.at), told.startedAt), clocks };
}
