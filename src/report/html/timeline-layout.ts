/** Which bars a timeline has, in which rows, and where: pure, in shares of its width. */
import { nameFew } from '../../core/few.ts';
import { formatDuration, plural } from '../../core/units.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { Span, Timeline, Track, What } from './timeline-fold.ts';

export interface Bar {
  readonly what: What;
  readonly outcome: Verdict;
  /** In percent of the width. */
  readonly x: number;
  readonly width: number;
  /** From 0. */
  readonly lane: number;
  /** All there is to say about it. */
  readonly title: string;
}

export interface Row {
  readonly label: string;
  /** What kind of thing that is, where the label does not say it. */
  readonly kind: string;
  /** It is a part of the row above. */
  readonly isPart: boolean;
  readonly lanes: number;
  readonly bars: readonly Bar[];
}

export interface Tick {
  readonly x: number;
  readonly label: string;
}

export interface TimelineLayout {
  readonly rows: readonly Row[];
  readonly ticks: readonly Tick[];
}

/** More components than this share rows, but for those that are worth one. */
const MOST_ROWS = 40;
const ROWS_OF_THEIR_OWN = 24;
/** So many components show what they consist of. */
const WITH_PARTS = 12;
const LANES = 8;
const LANES_OF_STEPS = 3;
/** In percent of the width: shorter ones that follow each other become one bar. */
const LEAST_WIDTH = 0.8;
const MOST_TICKS = 8;
const NAMED = 4;

const percent = (at: number, endMs: number): number => Math.round((at / endMs) * 10_000) / 100;

/** @param labelOf the name of a component for people */
export function layOut(timeline: Timeline, labelOf: (component: string) => string): TimelineLayout {
  const endMs = Math.max(timeline.endMs, 1);
  const of = (group: Track['group']): Track[] =>
    timeline.tracks.filter((track) => track.group === group && track.spans.length > 0);
  const components = of('component');
  const wholes = components.filter(({ part }) => part === '');
  const chosen = new Set(
    wholes.length <= MOST_ROWS ? wholes : mostTelling(wholes).slice(0, ROWS_OF_THEIR_OWN),
  );
  const detailed = new Set(mostTelling([...chosen]).slice(0, WITH_PARTS));
  const others = wholes.filter((track) => !chosen.has(track));
  const rowsOf = (whole: Track): Row[] => {
    if (!chosen.has(whole)) return [];
    const label = labelOf(whole.of);
    const parts = detailed.has(whole) ? partsOf(whole, components) : [];
    const partRow = (part: Track): Row => ({
      ...{ label: labelOfPart(part), kind: '', isPart: true },
      ...drawn(
        piecesOf(part, ORDER.includes(part.part) ? label : `${label} · ${part.part}`),
        part.part === 'steps' ? LANES_OF_STEPS : 1,
        endMs,
      ),
    });
    return [rowOf(whole, label, '', endMs), ...parts.map(partRow)];
  };
  return {
    rows: [
      // Of a run that was put together from shards, their setups went on at the same time.
      ...of('setup').map((track) => rowOf(track, 'setup', '', endMs, LANES)),
      ...of('service').map((track) => rowOf(track, track.of, 'service', endMs)),
      ...wholes.flatMap(rowsOf),
      ...(others.length === 0 ? [] : [rowOfMany(others, labelOf, endMs)]),
      ...of('teardown').map((track) => rowOf(track, 'teardown', '', endMs, LANES)),
    ],
    ticks: ticksOf(endMs),
  };
}

const piecesOf = ({ spans }: Track, label: string): Piece[] => spans.map((span) => ({ span, label }));

const rowOf = (track: Track, label: string, kind: string, endMs: number, lanes = 1): Row => ({
  ...{ label, kind, isPart: false },
  ...drawn(piecesOf(track, label), lanes, endMs),
});

/** Steps that are all one and the same give their row its name. */
function labelOfPart({ part, spans }: Track): string {
  const names = new Set(spans.map(({ name }) => name));
  const [only = ''] = names;
  return part === 'steps' && names.size === 1 ? only : part;
}

const BADNESS = { failed: 3, inconclusive: 2, skipped: 1, passed: 0 } as const;

const badnessOf = ({ spans }: Track): number => Math.max(0, ...spans.map(({ outcome }) => BADNESS[outcome]));

const lengthOf = ({ spans }: Track): number =>
  spans.reduce((sum, { from, to }) => sum + ((to ?? from) - from), 0);

/** The worst first, of these those with several attempts, then the longest. */
const mostTelling = (tracks: readonly Track[]): Track[] =>
  tracks.toSorted(
    (a, b) => badnessOf(b) - badnessOf(a) || b.spans.length - a.spans.length || lengthOf(b) - lengthOf(a),
  );

/** What a component consists of, unless that is a single step. */
function partsOf(whole: Track, tracks: readonly Track[]): Track[] {
  const parts = tracks.filter(({ of, part, spans }) => of === whole.of && part !== '' && spans.length > 0);
  const [only] = parts;
  const isPlain = parts.length === 1 && only?.part === 'steps' && only.spans.length <= whole.spans.length;
  return isPlain ? [] : parts.toSorted((a, b) => ORDER.indexOf(a.part) - ORDER.indexOf(b.part));
}

/** Services come before these. */
const ORDER = ['steps', 'load'];

const rowOfMany = (tracks: readonly Track[], labelOf: (component: string) => string, endMs: number): Row => ({
  label: `${plural(tracks.length, 'more component')}`,
  ...{ kind: '', isPart: false },
  ...drawn(
    tracks.flatMap(({ of, spans }) => spans.map((span) => ({ span, label: labelOf(of) }))),
    LANES,
    endMs,
  ),
});

/** A span, and whose it is. */
interface Piece {
  readonly span: Span;
  readonly label: string;
}

/** Pieces that have become one bar, since each is too short to be seen. */
interface Group {
  readonly pieces: Piece[];
  readonly from: number;
  to: number;
}

/** Puts pieces side by side where they overlap, and joins what is too short. */
function drawn(pieces: readonly Piece[], most: number, endMs: number): Pick<Row, 'lanes' | 'bars'> {
  const least = (endMs * LEAST_WIDTH) / 100;
  const lanes: Group[][] = [];
  const endOf = ({ span }: Piece): number => span.to ?? endMs;
  for (const piece of pieces.toSorted((a, b) => a.span.from - b.span.from)) {
    const { span } = piece;
    const free = lanes.find((lane) => (lane.at(-1)?.to ?? 0) <= span.from + 0.001);
    const lane =
      free ??
      (lanes.length < most
        ? undefined
        : lanes.toSorted((a, b) => (a.at(-1)?.to ?? 0) - (b.at(-1)?.to ?? 0))[0]);
    const last = lane?.at(-1);
    const isLike =
      last !== undefined &&
      last.pieces[0]?.span.outcome === span.outcome &&
      last.pieces[0].span.what === span.what &&
      (last.pieces[0].span.to === null) === (span.to === null);
    const isShort =
      last !== undefined &&
      endOf(piece) - span.from < least &&
      last.to - last.from < least * 2 &&
      span.from - last.to < least;
    if (last !== undefined && isLike && (isShort || (free === undefined && most > 1))) {
      last.pieces.push(piece);
      last.to = Math.max(last.to, endOf(piece));
    } else {
      const group = { pieces: [piece], from: span.from, to: endOf(piece) };
      if (lane === undefined) lanes.push([group]);
      else lane.push(group);
    }
  }
  return {
    lanes: Math.max(1, lanes.length),
    bars: lanes.flatMap((lane, index) => lane.map((group) => barOf(group, index, endMs))),
  };
}

function barOf(group: Group, lane: number, endMs: number): Bar {
  const [first] = group.pieces;
  if (first === undefined) throw new Error('a bar is of something');
  const { what, to, outcome: known } = first.span;
  // Of what had not ended, only what is bad is certain.
  const outcome = to === null && known === 'passed' ? 'inconclusive' : known;
  const x = percent(group.from, endMs);
  const width = Math.max(0.15, percent(group.to, endMs) - x);
  const title = group.pieces.length === 1 ? titleOf(first, endMs) : titleOfMany(group);
  return { what, outcome, x, width: Math.round(width * 100) / 100, lane, title };
}

const WITH_NAME: readonly What[] = ['starting', 'ready', 'ending'];

/** The words for what went on, where its own name does not say it. */
const saidOf = ({ what, name }: Span): string =>
  WITH_NAME.includes(what) ? `${what} ${name}`.trim() : name === '' ? what : name;

function titleOf({ span, label }: Piece, endMs: number): string {
  const { from, to, outcome, how } = span;
  const said = saidOf(span);
  const until =
    to === null
      ? `had not ended after ${formatDuration(endMs)}`
      : `${formatDuration(from)} to ${formatDuration(to)}`;
  const took = to === null ? '' : ` (${formatDuration(to - from)})`;
  const isUnknown = to === null && outcome === 'inconclusive';
  const came =
    outcome === 'passed' || isUnknown ? how : [outcome, how].filter((part) => part !== '').join(': ');
  return `${label}${said === label ? '' : ` · ${said}`}: ${until}${took}${came === '' ? '' : ` · ${came}`}`;
}

function titleOfMany({ pieces, from, to }: Group): string {
  const { what, outcome } = (pieces[0] as Piece).span;
  const isOfMany = what === 'attempt';
  const names = [...new Set(pieces.map(({ span, label }) => (isOfMany ? label : span.name)))];
  const noun = isOfMany ? 'attempt' : 'step';
  return `${plural(pieces.length, noun)} of ${nameFew(names, NAMED)}: ${formatDuration(from)} to ${formatDuration(to)} · all ${outcome}`;
}

const STEPS = [1, 2, 5];

/** Round moments, a few of them. */
function ticksOf(endMs: number): Tick[] {
  const units = [1, 10, 100, 1000, 10_000, 60_000, 600_000, 3_600_000, 36_000_000, 360_000_000];
  const step = units
    .flatMap((unit) => STEPS.map((each) => each * unit))
    .find((each) => endMs / each <= MOST_TICKS);
  if (step === undefined) return [];
  return Array.from({ length: Math.floor(endMs / step) + 1 }, (_, index) => ({
    x: percent(index * step, endMs),
    label: index === 0 ? '0' : shortTime(index * step),
  }));
}

/** `500 ms`, `5 s`, `2 min`: round numbers need no decimals. */
function shortTime(at: number): string {
  if (at < 1000) return `${at} ms`;
  if (at < 60_000) return `${at / 1000} s`;
  return at < 3_600_000 ? `${Math.round(at / 600) / 100} min` : `${Math.round(at / 36_000) / 100} h`;
}
