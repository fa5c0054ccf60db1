/** When everything began and ended, on one axis. */
import { formatDuration, plural } from '../../core/units.ts';
import type { Verdict } from '../../core/verdict.ts';
import { labelOf } from '../proof.ts';
import { html, type Markup } from './markup.ts';
import type { RunRecord } from './record.ts';
import type { DrawSection } from './section.ts';
import type { Moment, What } from './timeline-fold.ts';
import { type Bar, layOut, type Row, type Tick } from './timeline-layout.ts';

/** In CSS pixels. */
const LANE = 16;
const BAR = 12;

/** What else than colour tells a bad end. */
const SIGNS = { passed: '', failed: '✗', inconclusive: '?', skipped: '○' } as const satisfies Record<
  Verdict,
  string
>;

const shapeOf = (what: What): string => what.replace(' ', '-');

/** A sign is within a bar that is wide enough for it, else beside it: before it at the very end. */
function signOf({ outcome, x, width, lane }: Bar): Markup | undefined {
  if (SIGNS[outcome] === '') return undefined;
  const y = lane * LANE + BAR;
  const end = x + width;
  const [at, place] = width > 2.5 ? [end - 0.4, 'in'] : end < 97 ? [end + 0.4, 'after'] : [x - 0.4, 'before'];
  return html`<text class="tl-sign ${place} ${outcome}" x="${at.toFixed(2)}%" y="${y}">${SIGNS[outcome]}</text>`;
}

const barMarkup = (bar: Bar): Markup =>
  html`<rect class="tl-bar ${shapeOf(bar.what)} ${bar.outcome}" x="${
    bar.x
  }%" y="${bar.lane * LANE + 2}" width="${bar.width}%" height="${BAR}" role="img"><title>${
    bar.title
  }</title></rect>`;

/** The signs come last: a bar beside theirs would hide them. */
const rowMarkup = ({ label, kind, isPart, lanes, bars }: Row): Markup => html`
<li class="tl-row${isPart && ' tl-part'}"><span class="tl-name">${label}${
  kind !== '' && html` <span class="kind">${kind}</span>`
}</span><svg class="tl-plot" height="${lanes * LANE}">${bars.map(barMarkup)}${bars.map(signOf)}</svg></li>`;

interface Placed extends Moment {
  /** In percent of the width. */
  readonly x: number;
  /** From 1, as in the list below. */
  readonly number: number;
}

const lines = (ticks: readonly Tick[], moments: readonly Placed[]): Markup =>
  html`<svg class="tl-lines" aria-hidden="true">${ticks.map(
    ({ x }) => html`<line class="tl-grid" x1="${x}%" x2="${x}%" y1="0" y2="100%"/>`,
  )}${moments.map(
    ({ x, code }) =>
      html`<line class="tl-moment ${code === null ? 'note' : 'failed'}" x1="${x}%" x2="${x}%" y1="0" y2="100%"/>`,
  )}</svg>`;

/** Flags that would hide each other take turns in height. */
const axis = (ticks: readonly Tick[], moments: readonly Placed[]): Markup =>
  html`<svg class="tl-axis" height="${moments.length > 0 ? 44 : 18}" aria-hidden="true">${ticks.map(
    ({ x, label }, index) =>
      html`<text class="tl-tick${index % 2 === 1 && ' minor'} ${x > 96 && 'last'}" x="${x}%" y="12">${label}</text>`,
  )}${moments.map(
    ({ x, number, code }, index) =>
      html`<text class="tl-flag ${code === null ? 'note' : 'failed'}" x="${x}%" y="${index % 2 === 0 ? 28 : 41}">${number}</text>`,
  )}</svg>`;

const momentMarkup = ({ at, of, message, code }: Moment): Markup =>
  html`<li><span class="took">${formatDuration(at)}</span> <strong>${of}</strong> ${message}${
    code !== null && html` <code>${code}</code>`
  }</li>`;

const KINDS: readonly (readonly [string, string])[] = [
  ['attempt', 'component, setup, task'],
  ['step', 'step'],
  ['starting', 'service starting, warm-up, last answers'],
  ['ready', 'service ready, load'],
  ['ending', 'ending'],
];

/** The shapes of the bars that there are. */
function legend(rows: readonly Row[]): Markup {
  const shown = new Set(rows.flatMap(({ bars }) => bars.map(({ what }) => LIKE[what])));
  return html`<p class="tl-legend">${KINDS.filter(([shape]) => shown.has(shape)).map(
    ([shape, words]) =>
      html`<span><svg class="tl-key" width="22" height="${BAR}" aria-hidden="true"><rect class="tl-bar ${shape} passed" width="22" height="${BAR}"/></svg> ${words}</span>`,
  )}</p>`;
}

/** What looks alike. */
const LIKE: Readonly<Record<What, string>> = {
  ...{ setup: 'attempt', task: 'attempt', attempt: 'attempt', teardown: 'attempt', step: 'step' },
  ...{ starting: 'starting', 'warm-up': 'starting', 'last answers': 'starting' },
  ...{ ready: 'ready', load: 'ready', ending: 'ending' },
};

export const drawTimeline: DrawSection = ({ state, timeline }: RunRecord) => {
  if (timeline.tracks.length === 0) return undefined;
  const labels = new Map(state.components.map((component) => [component.name, labelOf(component)]));
  const label = (name: string): string => labels.get(name) ?? name;
  const { rows, ticks } = layOut(timeline, label);
  const endMs = Math.max(timeline.endMs, 1);
  const moments = timeline.moments.map(
    (moment, index): Placed => ({
      ...moment,
      of: label(moment.of),
      x: Math.round((moment.at / endMs) * 10_000) / 100,
      number: index + 1,
    }),
  );
  const left = timeline.tracks.reduce((sum, track) => sum + track.left, 0);
  return {
    id: 'timeline',
    title: 'Timeline',
    body: html`<div class="tl">
<p class="tl-detail" aria-live="polite" hidden>Point at a bar, or go from bar to bar with the arrow keys.</p>
${axis(ticks, moments)}
<div class="tl-body">
${lines(ticks, moments)}
<ul class="tl-rows">${rows.map(rowMarkup)}
</ul>
</div>
${moments.length > 0 && html`<ol class="tl-moments">${moments.map(momentMarkup)}</ol>`}
${legend(rows)}
${left > 0 && html`<p class="took">${plural(left, 'more step')} took place, which are not shown.</p>`}
</div>`,
  };
};
