/** What several machines saw of a target that left, by clocks that are not quite the same. */
import { describe, expect, test } from 'vitest';
import type { LoadDeparture } from '../../../src/core/load-departure.ts';
import { type Bounds, departureApart, type Told } from '../../../src/load/engine/apart.ts';
import { type DepartureReport, departureOf, type PartDeparture } from '../../../src/load/merge/departure.ts';
import fc from '../../rig/fast-check.ts';

const KINDS = ['answered', 'lost', 'refused', 'unaccepted', 'crossed', 'connected'] as const;

interface Event {
  readonly kind: (typeof KINDS)[number];
  /** When it was seen, in milliseconds since 1970 by the clock of the server. */
  readonly at: number;
  /** Who saw it. */
  readonly part: number;
}

/** When the target was told, likewise. */
const TOLD_AT = 1_700_000_000_000;
const STARTED_AT = TOLD_AT - 3000;
const COUNTED_AT = TOLD_AT - 40;

const orNull = (times: readonly number[], of: (...times: number[]) => number): number | null =>
  times.length === 0 ? null : of(...times);

/** What who saw these events reports. */
function reportOf(events: readonly Event[]): DepartureReport {
  const times = (...kinds: readonly Event['kind'][]): number[] =>
    events.filter(({ kind }) => kinds.includes(kind)).map(({ at }) => at);
  const count = (kind: Event['kind']): number => times(kind).length;
  return {
    ...{ countedMs: COUNTED_AT, inFlight: 0, lostByTime: 0 },
    ...{ answered: count('answered'), lost: count('lost'), refused: count('refused') },
    ...{ crossed: count('crossed'), unaccepted: count('unaccepted') },
    examples: times('lost')
      .sort((a, b) => a - b)
      .map((at) => ({ message: 'GET / was cut off', sentMs: at - 7, lostMs: at })),
    firstRefusedMs: orNull(times('refused', 'unaccepted'), Math.min),
    firstCrossedMs: orNull(times('crossed'), Math.min),
    lastBegunMs: orNull(times('connected'), Math.max),
    lastConnectedMs: orNull(times('connected'), Math.max),
    lastAnsweredMs: orNull(times('answered'), Math.max),
    idle: { opened: 0, kept: 0, closedMs: null },
  };
}

/** The same by a clock that is ahead. */
const seenBy = (part: number, events: readonly Event[], ahead: number): PartDeparture => {
  const shifted = events
    .filter((event) => event.part === part)
    .map(({ at, ...event }) => ({ ...event, at: at + ahead }));
  return { part, ...reportOf(shifted), countedMs: COUNTED_AT + ahead };
};

const exactly = (value: number): Bounds => ({ least: value, most: value });

const AGENTS = 4;
const agents = fc.array(fc.integer({ min: -100_000, max: 100_000 }), { minLength: 1, maxLength: AGENTS });
const events = fc.array(
  fc.record({
    kind: fc.constantFrom(...KINDS),
    at: fc.integer({ min: -30, max: 200 }).map((at) => TOLD_AT + at),
    part: fc.nat(AGENTS - 1),
  }),
  { maxLength: 60 },
);

const withoutClocks = ({ clocks: _, ...departure }: LoadDeparture): LoadDeparture => departure;

test('where the clocks are known, it is what one machine would have seen', () => {
  fc.assert(
    fc.property(agents, events, (aheads, seen) => {
      const all = seen.map((event) => ({ ...event, part: event.part % aheads.length }));
      const apart = departureApart(
        aheads.map((ahead, part) => seenBy(part, all, ahead)),
        {
          ...{ at: exactly(TOLD_AT), startedAt: STARTED_AT },
          ahead: new Map(aheads.map((ahead, part) => [part, exactly(ahead)])),
        },
      );
      expect(withoutClocks(apart)).toEqual(departureOf(reportOf(all), TOLD_AT, STARTED_AT));
    }),
  );
});

/** Bounds that hold, however far from the middle. */
const around = (least: number, most: number): ((truth: number) => Bounds) => {
  return (truth) => ({ least: truth - least, most: truth + most });
};
const vagueness = fc.tuple(fc.nat(40), fc.nat(40)).map(([least, most]) => around(least, most));

test('whatever the clocks are, what is said to be early was, and what was early without doubt is said to be', () => {
  fc.assert(
    fc.property(agents, ...([vagueness, vagueness, events] as const), (aheads, ofAgents, ofSignal, seen) => {
      const all = seen.map((event) => ({ ...event, part: event.part % aheads.length }));
      const told: Told = {
        ...{ at: ofSignal(TOLD_AT), startedAt: STARTED_AT },
        ahead: new Map(aheads.map((ahead, part) => [part, ofAgents(ahead)])),
      };
      const { clocks } = departureApart(
        aheads.map((ahead, part) => seenBy(part, all, ahead)),
        told,
      );
      const refusals = all.filter(({ kind }) => kind === 'refused' || kind === 'unaccepted');
      const early = refusals.filter(({ at }) => at < TOLD_AT);
      if (clocks?.refusedEarlyMs != null) expect(early.length).toBeGreaterThan(0);
      const vague = ofAgents(0).most - ofAgents(0).least + told.at.most - told.at.least;
      const isFinal = (at: number): boolean =>
        all.every((event) => event.kind !== 'connected' || event.at <= at + vague + 1);
      // Nothing is excused that was long before the signal, or after which a connection was accepted a while later.
      for (const { at } of early)
        if (TOLD_AT - at > vague || !isFinal(at))
          expect([clocks?.refusedEarlyMs != null, clocks?.doubts.length !== 0]).toContain(true);
      // And of a target that closes its listener at the signal, nothing is held against it.
      const isGood =
        early.length === 0 &&
        refusals.every((refusal) => all.every(({ kind, at }) => kind !== 'connected' || at < refusal.at)) &&
        all.every(({ kind, at }) => kind !== 'crossed' || at >= TOLD_AT);
      if (isGood) expect(clocks).toMatchObject({ refusedEarlyMs: null, crossedEarlyMs: null, doubts: [] });
    }),
    { numRuns: 500 },
  );
});

describe('around the signal', () => {
  const seen = (kind: Event['kind'], at: number, part = 0): Event => ({ kind, at: TOLD_AT + at, part });
  /** Two agents, whose clocks are known to within 10 ms each, as is that of the machine that sends the signal. */
  const clocksOf = (all: readonly Event[], span = 10) => {
    const bounds = { least: -span / 2, most: span / 2 };
    const departure = departureApart([seenBy(0, all, 0), seenBy(1, all, 0)], {
      ...{ at: { least: TOLD_AT - span / 2, most: TOLD_AT + span / 2 }, startedAt: STARTED_AT },
      ahead: new Map([
        [0, bounds],
        [1, bounds],
      ]),
    });
    return departure.clocks;
  };

  test.each<[string, readonly Event[], object]>([
    ['a refusal after it is of the stop', [seen('refused', 11)], {}],
    ['a refusal before it is not', [seen('refused', -11)], { refusedEarlyMs: -11 }],
    ['nor is a reset on a new connection', [seen('unaccepted', -11)], { refusedEarlyMs: -11 }],
    [
      'nor one that an agent saw whom the others did not',
      [seen('refused', 20), seen('refused', -20, 1)],
      { refusedEarlyMs: -20 },
    ],
    ['a refusal at about that time is, for good', [seen('connected', -9), seen('refused', -8)], {}],
    [
      'also if another agent saw the last connection a moment later',
      [seen('refused', -8), seen('connected', 1, 1)],
      {},
    ],
    [
      'it is unknown if that agent connects again',
      [seen('refused', -8), seen('connected', -6)],
      { doubts: [expect.stringContaining('another one was accepted later')] },
    ],
    [
      'and if another does, a while later',
      [seen('refused', -8), seen('connected', 3, 1)],
      { doubts: [expect.stringContaining('another one was accepted later')] },
    ],
    ['of what is after it, that does not matter', [seen('refused', 11), seen('connected', 30)], {}],
    [
      'a request that crosses the end of its connection before it',
      [seen('crossed', -11)],
      { crossedEarlyMs: -11 },
    ],
    ['at about that time', [seen('crossed', -9)], {}],
  ])('%s', (_, all, expected) => {
    const nothing = { refusedEarlyMs: null, crossedEarlyMs: null, doubts: [] };
    expect(clocksOf(all)).toEqual({ withinMs: 20, ...nothing, ...expected });
  });

  test('vague clocks tell nothing of what was at about that time', () => {
    const vague = clocksOf([seen('refused', 20), seen('crossed', 20)], 130);
    expect(vague?.doubts).toEqual([
      expect.stringMatching(/^whether a connection was refused .* agree to 260 ms only$/),
      expect.stringMatching(/^whether a request crossed .* agree to 260 ms only$/),
    ]);
    expect(clocksOf([seen('refused', 200)], 130)?.doubts).toEqual([]);
  });

  const counted = (countedMs: number | null): LoadDeparture => {
    const departure = { part: 0, ...reportOf([]), inFlight: 5, countedMs };
    const ahead = new Map([[0, { least: 0, most: 10 }]]);
    return departureApart([departure, { ...departure, part: 1 }], {
      ...{ at: exactly(TOLD_AT), startedAt: STARTED_AT, ahead },
    });
  };

  test('requests in flight count if they were counted before it; and of an agent with an unknown clock nothing does', () => {
    expect(counted(TOLD_AT - 1)).toMatchObject({ inFlight: 5, clocks: { doubts: [] } });
    expect(counted(TOLD_AT + 1)).toMatchObject({ inFlight: 0, clocks: { doubts: [] } });
    expect(counted(null)).toMatchObject({ inFlight: 0, clocks: { doubts: [] } });
    expect(counted(TOLD_AT - 1000).clocks?.doubts).toEqual([
      expect.stringMatching(/^how many requests were in flight .* up to 1010 ms before/),
    ]);
  });
});
