/** What was seen of a target that was told, in mid-load, to stop or to restart: by a thread, a machine, or all of them. */
import type { LoadDeparture } from '../../core/load-departure.ts';

/** How many lost requests are kept to be shown. */
export const EXAMPLES = 100;

/** Times are in milliseconds since 1970, by the clock of whoever reports: who else sends has a clock of its own. */
export interface DepartureReport extends Omit<LoadDeparture, 'toldMs' | 'clocks'> {
  /** When the requests in flight were counted; null: never. */
  readonly countedMs: number | null;
  /** When a new connection was refused, or reset unread, for the first time. */
  readonly firstRefusedMs: number | null;
  /** When a request crossed the end of its connection for the first time. */
  readonly firstCrossedMs: number | null;
  /** Of the connections that were established, when the last one to be begun was. */
  readonly lastBegunMs: number | null;
}

/** What a machine saw that sends a part of the load. */
export interface PartDeparture extends DepartureReport {
  readonly part: number;
}

type Time = number | null;

const known = (times: readonly Time[]): number[] => times.filter((time) => time !== null);
const firstOf = (times: readonly Time[]): Time =>
  known(times).length === 0 ? null : Math.min(...known(times));
const lastOf = (times: readonly Time[]): Time =>
  known(times).length === 0 ? null : Math.max(...known(times));

/** The order is that of time, and then of what is said, so that it does not matter how they are grouped. */
const byTime = (one: DepartureReport['examples'][number], other: typeof one): number =>
  one.lostMs - other.lostMs || (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1);

/** Adds up what was seen by the same clock. */
export function addDepartures(reports: readonly DepartureReport[]): DepartureReport {
  const sum = (of: (report: DepartureReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  return {
    countedMs: lastOf(reports.map(({ countedMs }) => countedMs)),
    inFlight: sum(({ inFlight }) => inFlight),
    answered: sum(({ answered }) => answered),
    lost: sum(({ lost }) => lost),
    lostByTime: sum(({ lostByTime }) => lostByTime),
    examples: reports
      .flatMap(({ examples }) => examples)
      .sort(byTime)
      .slice(0, EXAMPLES),
    refused: sum(({ refused }) => refused),
    crossed: sum(({ crossed }) => crossed),
    unaccepted: sum(({ unaccepted }) => unaccepted),
    firstRefusedMs: firstOf(reports.map(({ firstRefusedMs }) => firstRefusedMs)),
    firstCrossedMs: firstOf(reports.map(({ firstCrossedMs }) => firstCrossedMs)),
    lastBegunMs: lastOf(reports.map(({ lastBegunMs }) => lastBegunMs)),
    lastConnectedMs: lastOf(reports.map(({ lastConnectedMs }) => lastConnectedMs)),
    lastAnsweredMs: lastOf(reports.map(({ lastAnsweredMs }) => lastAnsweredMs)),
    idle: {
      opened: sum(({ idle }) => idle.opened),
      kept: sum(({ idle }) => idle.kept),
      closedMs: lastOf(reports.map(({ idle }) => idle.closedMs)),
    },
  };
}

const less = (time: Time, by: number): Time => (time === null ? null : time - by);

/** @returns the same by a clock that is so many milliseconds behind */
export const behind = (report: DepartureReport, by: number): DepartureReport => ({
  ...report,
  countedMs: less(report.countedMs, by),
  examples: report.examples.map(({ message, sentMs, lostMs }) => ({
    message,
    sentMs: less(sentMs, by),
    lostMs: lostMs - by,
  })),
  firstRefusedMs: less(report.firstRefusedMs, by),
  firstCrossedMs: less(report.firstCrossedMs, by),
  lastBegunMs: less(report.lastBegunMs, by),
  lastConnectedMs: less(report.lastConnectedMs, by),
  lastAnsweredMs: less(report.lastAnsweredMs, by),
  idle: { ...report.idle, closedMs: less(report.idle.closedMs, by) },
});

/**
 * @param toldAt when the target was told, in milliseconds since 1970
 * @param startedAt when the load began
 */
export function departureOf(report: DepartureReport, toldAt: number, startedAt: number): LoadDeparture {
  const {
    countedMs: _counted,
    firstRefusedMs: _refused,
    firstCrossedMs: _crossed,
    lastBegunMs: _begun,
    ...seen
  } = behind(report, toldAt);
  return { toldMs: toldAt - startedAt, ...seen };
}
