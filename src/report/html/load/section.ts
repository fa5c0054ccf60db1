/** The loads of a run: their figures, over time and as a whole, and what they say about the thresholds. */
import type { LoadSummary } from '../../../core/load.ts';
import { unitCounted } from '../../../core/load-channel.ts';
import { formatDuration, plural } from '../../../core/units.ts';
import { loadLine } from '../../../load/report/brief.ts';
import {
  channelFacts,
  type Fact,
  formatCount,
  iterationFacts,
  machineFacts,
  outcomeFacts,
  rateFacts,
  UNIT_LABELS,
} from '../../../load/report/index.ts';
import { createPaint } from '../../../text/paint.ts';
import { type ComponentState, componentVerdict } from '../../state.ts';
import { html, jsonBlock, type Markup } from '../markup.ts';
import { mark } from '../part.ts';
import { DATA_ID, type LoadPlots } from '../plotted/plot-data.ts';
import type { RunRecord } from '../record.ts';
import type { DrawSection } from '../section.ts';
import { FEWEST, plotsOf } from './plots.ts';
import { type Span, thinned } from './seconds.ts';
import {
  agentsTable,
  capacityTable,
  distributionTable,
  latencyTable,
  namesTable,
  thresholdTable,
  timeTable,
} from './tables.ts';

/** So many points of all loads are drawn together, but of each so many at most, and at least. */
const POINTS = { all: 1800, most: 600, fewest: 40 } as const;
/** The same for the rows of their tables. */
const ROWS = { all: 240, most: 60, fewest: 10 } as const;
/** So many loads can be seen at once; more are folded up. */
const MOST_OPEN = 3;

const PLAIN = createPaint(false);

const shareOf = ({ all, most, fewest }: typeof POINTS | typeof ROWS, loads: number): number =>
  Math.min(most, Math.max(fewest, Math.floor(all / loads)));

interface Drawn {
  readonly component: ComponentState;
  readonly spans: readonly Span[];
  readonly plots: LoadPlots;
}

/** Of faults that were tried only what came of them counts, not what their short loads measured. */
function loadsOf({ state, loads }: RunRecord): { component: ComponentState; seconds: readonly Span[] }[] {
  const known = new Map(loads.map(({ component, seconds }) => [component, seconds]));
  return state.components.flatMap((component) => {
    const seconds = known.get(component.name) ?? [];
    const isShown = component.trial === null && (component.load !== null || seconds.length > 0);
    return isShown ? [{ component, seconds }] : [];
  });
}

/** Nothing is lost: what was due is the sum of what became of it. */
function conservation({ counts, channel }: LoadSummary): Fact {
  const parts = [
    [counts.completed, 'completed'],
    [counts.failed, 'failed'],
    [counts.timedOut, 'timed out'],
    [counts.inFlightAtEnd, 'unanswered at the end'],
    [counts.neverSent, 'never sent'],
  ] as const;
  const sum = parts.map(([count, what]) => `${formatCount(count)} ${what}`).join(' + ');
  return [UNIT_LABELS[unitCounted(channel)], `${formatCount(counts.scheduled)} due = ${sum}`];
}

function departureFacts({ departure }: LoadSummary): Fact[] {
  if (departure === undefined) return [];
  const { toldMs, inFlight, answered, lost, refused } = departure;
  return [
    ['departure', `told to leave after ${formatDuration(toldMs)}, with ${formatCount(inFlight)} in flight`],
    [
      '',
      `from then on ${formatCount(answered)} answered, ${formatCount(lost)} lost, ${formatCount(refused)} not sent since no connection was accepted`,
    ],
  ];
}

/** Labels with all that is said under each. */
function factList(facts: readonly Fact[]): Markup {
  const groups: { label: string; texts: string[] }[] = [];
  for (const [label, text] of facts) {
    if (label === '') groups.at(-1)?.texts.push(text);
    else groups.push({ label, texts: [text] });
  }
  return html`<dl class="load-facts">${groups.map(
    ({ label, texts }) => html`<div><dt>${label}</dt>${texts.map((text) => html`<dd>${text}</dd>`)}</div>\n`,
  )}</dl>`;
}

/** What a point stands for. */
function pointsText(seconds: readonly Span[], spans: readonly Span[]): string {
  if (seconds.length === spans.length) return 'Each point is about a second.';
  const longest = Math.max(...spans.map(({ durationMs }) => durationMs));
  return `Each point is up to ${formatDuration(longest)}: rates, errors and CPU are exact over that time; of response times, requests in flight, memory and descriptors it is the highest second.`;
}

function figures(load: LoadSummary, component: ComponentState): Markup {
  const facts = [
    conservation(load),
    ...outcomeFacts(load.counts),
    ...iterationFacts(load, PLAIN),
    ...rateFacts(load),
    ...channelFacts(load),
    ...departureFacts(load),
    ...machineFacts(load, PLAIN),
  ];
  const bottleneck =
    load.generator.saturated &&
    html`<p class="doubt">The load generator was the bottleneck: the figures say more about it than about the target.</p>`;
  return html`${bottleneck}${factList(facts)}
${thresholdTable(load, component)}
${capacityTable(load)}
${latencyTable(load)}`;
}

function loadMarkup(
  { component, spans, plots }: Drawn,
  seconds: readonly Span[],
  at: number,
  of: number,
): Markup {
  const { load } = component;
  const verdict = componentVerdict(component);
  const isOpen = of <= MOST_OPEN || verdict !== 'passed';
  const rows = thinned(seconds, shareOf(ROWS, of));
  return html`
<details class="load"${isOpen && html` open`}>
<summary class="${verdict}"><h3>${mark(verdict)} ${component.name}</h3> <span class="said">${load === null ? 'the load did not end' : loadLine(load)}</span></summary>
${load !== null && figures(load, component)}
${
  plots.time === null
    ? html`<p class="meaning">Too short for curves over time: ${plural(spans.length, 'second')} of it ${spans.length === 1 ? 'was' : 'were'} measured, and they take ${FEWEST}.</p>`
    : html`<div class="plots" data-load="${at}" data-plots="time"></div>
<p class="meaning">${pointsText(seconds, spans)}</p>`
}
${
  seconds.length > 0 &&
  html`<details class="numbers"><summary>${plots.time === null ? 'What was measured over time' : 'The same as a table'}</summary>
${rows.length < seconds.length && html`<p class="meaning">${pointsText(seconds, rows).replace('point', 'row')}</p>`}
${timeTable(rows)}</details>`
}
${plots.curves !== null && html`<div class="plots" data-load="${at}" data-plots="percentiles"></div>`}
${load !== null && html`${distributionTable(load)}${namesTable(load)}${agentsTable(load)}`}
</details>`;
}

export const drawLoads: DrawSection = (record) => {
  const loads = loadsOf(record);
  if (loads.length === 0) return undefined;
  const most = shareOf(POINTS, loads.length);
  const drawn = loads.map(({ component, seconds }): Drawn => {
    const spans = thinned(seconds, most);
    const what = UNIT_LABELS[unitCounted(component.load?.channel ?? null)];
    return { component, spans, plots: plotsOf(spans, component.load, what) };
  });
  const hasPlots = drawn.some(({ plots }) => plots.time !== null || plots.curves !== null);
  return {
    id: 'load',
    title: plural(loads.length, 'load'),
    body: html`${drawn.map((each, at) => loadMarkup(each, loads[at]?.seconds ?? [], at, loads.length))}
${
  hasPlots &&
  jsonBlock(
    DATA_ID,
    drawn.map(({ plots }) => plots),
  )
}`,
    ...(hasPlots ? { script: 'plots' as const } : {}),
  };
};
