/** The figures of a load as tables: they hold what the plots show, for those who do not see these. */
import type { LoadByName, LoadSummary } from '../../../core/load.ts';
import { unitCounted } from '../../../core/load-channel.ts';
import { formatDuration } from '../../../core/units.ts';
import {
  agentCells,
  agentTrouble,
  CLOCKS_MEAN,
  channelTimes,
  distributionOf,
  failuresOf,
  formatBytes,
  formatCount,
  formatRate,
  formatShare,
  formatTime,
  showTime,
  slowestFirst,
  type ToldThreshold,
  toldThresholds,
  triedRates,
} from '../../../load/report/index.ts';
import type { ComponentState } from '../../state.ts';
import { type Content, html, type Markup } from '../markup.ts';
import { type Span, TIMES } from './seconds.ts';

interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  /** The first cell of a row is its head. */
  readonly rows: readonly (readonly Content[])[];
}

/** Wider than a phone, it moves within its place. */
export const table = ({ caption, head, rows }: Table): Markup => html`
<div class="wide figures" tabindex="0" role="group" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${head.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>${rows.map(
  ([first, ...cells]) =>
    html`<tr><th scope="row">${first}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`,
)}</tbody>
</table></div>`;

const CLOCKS = [
  ['response', 'response'],
  ['service', 'service'],
  ['send lag', 'sendLag'],
] as const;

const MEASURES = ['p50', 'p90', 'p99', 'p999', 'max', 'mean'] as const;

/** All clocks, each with its percentiles. */
export function latencyTable({ latencyUs, channel }: LoadSummary): Markup | undefined {
  const times = [
    ...CLOCKS.map(([label, clock]) => [label, latencyUs[clock]] as const),
    ...channelTimes(channel),
  ];
  const rows = times.flatMap(([label, latency]) =>
    latency === null ? [] : [[label, ...MEASURES.map((name) => showTime(latency, name))]],
  );
  if (rows.length === 0) return undefined;
  return table({
    caption: CLOCKS_MEAN[unitCounted(channel)],
    head: ['Latency', ...MEASURES.map((name) => (name === 'p999' ? 'p99.9' : name))],
    rows,
  });
}

const OUTCOMES = {
  held: ['passed', '✓', 'held'],
  broken: ['failed', '✗', 'did not hold'],
  lost: ['failed', '✗', 'did not hold'],
  undecided: ['inconclusive', '?', 'undecided'],
  limited: ['inconclusive', '?', 'not always'],
} as const;

const outcomeMark = (outcome: keyof typeof OUTCOMES): Markup => {
  const [tone, sign, word] = OUTCOMES[outcome];
  return html`<span class="mark ${tone}" aria-hidden="true">${sign}</span>${word}`;
};

export function thresholdTable(load: LoadSummary, { findings }: ComponentState): Markup | undefined {
  const told = toldThresholds(load, findings);
  if (told.length === 0) return undefined;
  return table({
    caption: 'Thresholds',
    head: ['Threshold', 'Measured', 'Outcome'],
    rows: told.map(({ expression, measured, outcome }: ToldThreshold) => [
      html`<code>${expression}</code>`,
      measured,
      outcomeMark(outcome),
    ]),
  });
}

/** The rates that a search has tried. */
export function capacityTable({ capacity }: LoadSummary): Markup | undefined {
  if (capacity === null || capacity.levels.length === 0) return undefined;
  return table({
    caption: `Rates that were tried, while ${capacity.while.join(' and ')}`,
    head: ['Rate', 'Outcome', 'How often', 'Response times'],
    rows: triedRates(capacity).map(({ rate, outcome, summary, times }) => [
      formatRate(rate),
      outcomeMark(outcome),
      summary,
      times,
    ]),
  });
}

const nameOf = ({ name, part }: LoadByName): Content =>
  part === 'load' ? name : html`${name} <span class="aside">before the load</span>`;

/** Requests of several names, the slowest first. */
export function namesTable({ byName }: LoadSummary): Markup | undefined {
  if (byName.length === 0) return undefined;
  return table({
    caption: 'By name, the slowest first',
    head: ['Name', 'Due', 'Failed', 'Rate', 'p50', 'p90', 'p99', 'max'],
    rows: [...byName].sort(slowestFirst).map((each) => {
      const { counts, rate, latencyUs } = each;
      const failed = failuresOf(each);
      return [
        nameOf(each),
        formatCount(counts.scheduled),
        failed > 0 ? html`<span class="bad">${formatCount(failed)}</span>` : '0',
        formatRate(rate.achieved),
        ...TIMES.map((time) => (latencyUs.response === null ? '–' : showTime(latencyUs.response, time))),
      ];
    }),
  });
}

/** The machines that sent it together. */
export function agentsTable({ agents = [] }: LoadSummary): Markup | undefined {
  if (agents.length === 0) return undefined;
  return table({
    caption: 'By agent: service times, and the share of its time that the busiest thread worked',
    head: ['Agent', 'Sent', 'Rate', 'p50', 'p99', 'Busiest', 'Late', ''],
    rows: agents.map((agent) => {
      const trouble = agentTrouble(agent);
      return [
        agent.name,
        ...agentCells(agent),
        trouble === '' ? '' : html`<span class="bad">${trouble}</span>`,
      ];
    }),
  });
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** A share with a bar, which is as long as its place for the most there is; any share above 0 can be seen. */
const barCell = (count: number, most: number, total: number, tone: string): Markup => {
  const width = count === 0 ? 0 : Math.max(0.5, Number(((count / most) * 100).toFixed(1)));
  return html`<span class="bar-cell"><svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="${tone}" width="${width}" height="10"/></svg>${percent(count / total)}</span>`;
};

/** How the response times are spread. */
export function distributionTable({ latencyUs, counts }: LoadSummary): Markup | undefined {
  const { response } = latencyUs;
  if (response === null || response.count === 0) return undefined;
  const missing = counts.scheduled - response.count;
  const ranges = distributionOf(response.hdr);
  const total = ranges.reduce((sum, { count }) => sum + count, missing);
  const most = Math.max(missing, ...ranges.map(({ count }) => count));
  let seen = 0;
  const rows = ranges.map(({ from, to, count }): Content[] => {
    seen += count;
    return [
      `${from} – ${to}`,
      formatCount(count),
      barCell(count, most, total, 'times'),
      percent(seen / total),
    ];
  });
  if (missing > 0)
    rows.push(['no response', formatCount(missing), barCell(missing, most, total, 'none'), percent(1)]);
  return table({
    caption: 'Distribution of response times',
    head: ['Time', 'Count', 'Share', 'Up to here'],
    rows,
  });
}

type Cell = readonly [head: string, show: (span: Span) => string];

const perSecond = (count: number, { durationMs }: Span): string =>
  durationMs > 0 ? formatRate((count / durationMs) * 1000) : '–';

const orDash = (value: number | null, show: (value: number) => string): string =>
  value === null ? '–' : show(value);

const CELLS: readonly Cell[] = [
  ['From', ({ atMs, isWarmup }) => `${formatDuration(atMs)}${isWarmup ? ', warm-up' : ''}`],
  ['Due', (span) => perSecond(span.due, span)],
  ['Answered', (span) => perSecond(span.answered, span)],
  ['Errors', ({ errors }) => formatCount(errors)],
  ['In flight', ({ inFlight }) => formatCount(inFlight)],
  ...TIMES.map(
    (name, bit): Cell => [
      name,
      ({ times, atLeast }) =>
        times === null ? '–' : `${(atLeast >> bit) % 2 === 1 ? '≥ ' : ''}${formatTime(times[name])}`,
    ],
  ),
];

const TARGET_CELLS: readonly Cell[] = [
  ['CPU', ({ cpuMs, durationMs }) => orDash(cpuMs, (used) => formatShare(used / durationMs))],
  ['Memory', ({ rssBytes }) => orDash(rssBytes, formatBytes)],
  ['Descriptors', ({ descriptors }) => orDash(descriptors, formatCount)],
];

const CHANNEL_CELLS: readonly Cell[] = [
  ['Open', ({ channel }) => orDash(channel?.open ?? null, formatCount)],
  ['Lost', ({ channel }) => orDash(channel?.lost ?? null, formatCount)],
  ['Received', (span) => (span.channel === null ? '–' : perSecond(span.channel.received, span))],
];

/** What the plots over time show. */
export function timeTable(spans: readonly Span[]): Markup {
  const cells = [
    ...CELLS,
    ...(spans.some(({ rssBytes }) => rssBytes !== null) ? TARGET_CELLS : []),
    ...(spans.some(({ channel }) => channel !== null) ? CHANNEL_CELLS : []),
  ];
  return table({
    caption: 'Over time',
    head: cells.map(([head]) => head),
    rows: spans.map((span) => cells.map(([, show]) => show(span))),
  });
}
