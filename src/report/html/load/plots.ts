/** Makes of what was measured of a load what the script of the page draws. */
import type { LoadCapacity, LoadSummary } from '../../../core/load.ts';
import { percentilePoints } from '../../../load/report/index.ts';
import { type Column, encodeColumn, unitFor, type Values } from '../plotted/columns.ts';
import type { Band, Curves, LoadPlots, Mark, TimeColumns } from '../plotted/plot-data.ts';
import { goesOn, type Span } from './seconds.ts';

/** Fewer spans make no curve, and are told in words. */
export const FEWEST = 2;

const perSecond = (count: number, { durationMs }: Span): number =>
  durationMs > 0 ? (count / durationMs) * 1000 : 0;

/** What each column holds of a span, and its unit where that is not chosen by its numbers. */
const COLUMNS: { readonly [Name in keyof TimeColumns]: readonly [(span: Span) => number | null, number?] } = {
  atMs: [({ atMs }) => atMs, 1],
  durationMs: [({ durationMs }) => durationMs, 1],
  due: [(span) => perSecond(span.due, span)],
  answered: [(span) => perSecond(span.answered, span)],
  errors: [(span) => perSecond(span.errors, span)],
  inFlight: [({ inFlight }) => inFlight, 1],
  p50: [({ times }) => times?.p50 ?? null, 1],
  p90: [({ times }) => times?.p90 ?? null, 1],
  p99: [({ times }) => times?.p99 ?? null, 1],
  max: [({ times }) => times?.max ?? null, 1],
  atLeast: [({ atLeast }) => atLeast, 1],
  cpu: [({ cpuMs, durationMs }) => (cpuMs === null ? null : cpuMs / durationMs), 0.001],
  rss: [({ rssBytes }) => rssBytes],
  descriptors: [({ descriptors }) => descriptors, 1],
  open: [({ channel }) => channel?.open ?? null, 1],
  lost: [(span) => (span.channel === null ? null : perSecond(span.channel.lost, span))],
  received: [(span) => (span.channel === null ? null : perSecond(span.channel.received, span))],
};

/** Without a column in which nothing is known, or in which nothing ever happened. */
function columnsOf(spans: readonly Span[]): Partial<TimeColumns> {
  const columns = Object.entries(COLUMNS).flatMap(([name, [known, unit]]): [string, Column][] => {
    const values: Values = spans.map(known);
    const isIdle =
      ['errors', 'lost', 'atLeast'].includes(name) && values.every((value) => (value ?? 0) === 0);
    return isIdle || values.every((value) => value === null)
      ? []
      : [[name, encodeColumn(values, unit ?? unitFor(values))]];
  });
  return Object.fromEntries(columns);
}

/** Spans of the warm-up, each with those that follow it. */
function warmups(spans: readonly Span[]): Band[] {
  const bands: Band[] = [];
  for (const [at, span] of spans.entries()) {
    if (!span.isWarmup) continue;
    const toMs = span.atMs + span.durationMs;
    const before = spans[at - 1];
    const last = bands.at(-1);
    if (last !== undefined && before !== undefined && goesOn(before, span))
      bands[bands.length - 1] = { ...last, toMs };
    else bands.push({ kind: 'warmup', fromMs: span.atMs, toMs });
  }
  return bands;
}

/** Of a search, the rates that did not hold: until the next one begins, or the load ends. */
function lostLevels(capacity: LoadCapacity | null, spans: readonly Span[]): Band[] {
  return (capacity?.levels ?? []).flatMap(({ outcome, atMs }, at, levels): Band[] => {
    if (outcome === 'held') return [];
    const next = levels[at + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    const last = spans.findLast((span) => span.atMs >= atMs && span.atMs < next);
    return last === undefined ? [] : [{ kind: outcome, fromMs: atMs, toMs: last.atMs + last.durationMs }];
  });
}

const departureMark = (load: LoadSummary | null): Mark[] =>
  load?.departure === undefined ? [] : [{ atMs: Math.round(load.departure.toldMs), text: 'told to leave' }];

function curvesOf({ counts, latencyUs }: LoadSummary): Curves | null {
  const { response, service } = latencyUs;
  if (response === null || response.count === 0) return null;
  const without = counts.scheduled - response.count;
  const curves = {
    response: percentilePoints(response.hdr, without, response.max),
    // What was never written has no service time.
    service:
      service === null
        ? []
        : percentilePoints(service.hdr, Math.max(0, without - counts.neverSent), service.max),
  };
  const oneIn = [...new Set([...curves.response, ...curves.service].map((point) => point.oneIn))].sort(
    (a, b) => a - b,
  );
  const valuesOf = (points: typeof curves.response): (number | null)[] => {
    const values = new Map(points.map((point) => [point.oneIn, point.value]));
    return oneIn.map((each) => values.get(each) ?? null);
  };
  return {
    oneIn: oneIn.map((each) => Number(each.toPrecision(5))),
    response: valuesOf(curves.response),
    service: valuesOf(curves.service),
  };
}

/**
 * @param spans as many as are to be drawn
 * @param load null if it did not end
 * @param what is counted: `requests`
 */
export function plotsOf(spans: readonly Span[], load: LoadSummary | null, what: string): LoadPlots {
  return {
    what,
    isOpen: load?.mode === 'open',
    time: spans.length < FEWEST ? null : columnsOf(spans),
    bands: [...warmups(spans), ...lostLevels(load?.capacity ?? null, spans)].map(
      ({ kind, fromMs, toMs }) => ({
        kind,
        fromMs: Math.round(fromMs),
        toMs: Math.round(toMs),
      }),
    ),
    marks: departureMark(load),
    curves: load === null ? null : curvesOf(load),
  };
}
