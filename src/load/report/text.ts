/** The final report of a load for a person: measurements, their reliability, and the verdict with its cause. */
import { firstFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { visible, visibleAll } from '../../core/harmless.ts';
import type { LoadResult, LoadSummary } from '../../core/load.ts';
import { unitCounted } from '../../core/load-channel.ts';
import { formatDuration, plural } from '../../core/units.ts';
import type { Paint } from '../../text/paint.ts';
import { consequenceOf, type LoadFinding } from '../findings.ts';
import { agentRows } from './agents.ts';
import { capacityLine } from './brief.ts';
import { capacityRows } from './capacity.ts';
import { CLOCKS_MEAN, channelFacts, channelTimes, completedText } from './channel.ts';
import { drawDistribution } from './distribution.ts';
import { countFacts, FAILURE_NAMES, type Fact, iterationFacts, machineFacts, rateFacts } from './facts.ts';
import { showTime } from './format.ts';
import { nameRows } from './names.ts';
import { toldThresholds } from './thresholds.ts';

const LABEL = 13;
const row = (label: string, text: string): string => `  ${label.padEnd(LABEL)} ${text}`;
const rowsOf = (facts: readonly Fact[]): string[] => facts.map(([label, text]) => row(label, text));

/** Of a kind, besides the first failure. */
const MOST_MESSAGES = 5;
const COLUMNS = ['p50', 'p90', 'p99', 'p999', 'max', 'mean'] as const;
const COLUMN_NAMES: Readonly<Record<string, string>> = { p999: 'p99.9' };
const CELL = 10;

const CLOCKS = [
  ['response', 'response'],
  ['service', 'service'],
  ['send lag', 'sendLag'],
] as const;

function latencyRows({ latencyUs, channel }: LoadSummary, paint: Paint): string[] {
  const head = COLUMNS.map((name) => (COLUMN_NAMES[name] ?? name).padStart(CELL)).join('');
  const times = [
    ...CLOCKS.map(([label, clock]) => [label, latencyUs[clock]] as const),
    ...channelTimes(channel),
  ];
  const rows = times.flatMap(([label, latency]) => {
    if (latency === null) return [];
    return [row(label, COLUMNS.map((name) => showTime(latency, name).padStart(CELL)).join(''))];
  });
  const meaning = paint.dim(`  ${CLOCKS_MEAN[unitCounted(channel)]}`);
  return rows.length === 0 ? [] : ['', paint.dim(row('latency', head)), ...rows, meaning];
}

function distributionRows({ latencyUs, counts }: LoadSummary, paint: Paint): string[] {
  const { response } = latencyUs;
  if (response === null || response.count === 0) return [];
  const missing = counts.scheduled - response.count;
  const lines = drawDistribution(response.hdr, missing).map((line) => `  ${line}`);
  return ['', paint.dim('  response times, each with its share and the cumulative share'), ...lines];
}

function failureRows({ failures, counts, channel, saved }: LoadResult, paint: Paint): string[] {
  const kinds = [...new Set(failures.map(({ kind }) => kind))];
  const blocks = kinds.flatMap((kind) => {
    const [first, ...others] = failures.filter((failure) => failure.kind === kind);
    if (first === undefined) return [];
    const count = kind === 'timeout' ? counts.timedOut : counts.byFailure[kind];
    const title = `  ${paint.bad(FAILURE_NAMES[kind])}${count === 0 && channel !== null ? '' : `: ${plural(count, unitCounted(channel))}`}`;
    const quote = (mark: string, text: string | null): string[] =>
      text === null || text.trim() === ''
        ? []
        : text
            .trimEnd()
            .split('\n')
            .map((line) => paint.dim(`      ${mark} ${visible(line)}`));
    const messages = [...new Set(others.map(({ message }) => message))].filter(
      (each) => each !== first.message,
    );
    return [
      title,
      `    ${visible(first.message)}`,
      ...quote('>', first.request),
      ...quote('<', first.response),
      ...quote('<', first.body),
      ...firstFew(messages, MOST_MESSAGES).map((message) => `    ${visible(message)}`),
    ];
  });
  const where =
    saved === null || saved.files === 0
      ? []
      : [`  ${plural(saved.files, 'failure')} saved in ${visible(saved.folder)}`];
  return blocks.length === 0 ? [] : ['', ...blocks, ...where];
}

function thresholdRows(load: LoadSummary, findings: readonly Finding[], paint: Paint): string[] {
  const told = toldThresholds(load, findings);
  if (told.length === 0) return [];
  const width = Math.max(...told.map(({ expression }) => expression.length));
  const marks = { held: paint.good('✓'), undecided: paint.warn('?'), broken: paint.bad('✗') };
  return [
    '',
    ...told.map(
      ({ expression, measured, outcome }) => `  ${marks[outcome]} ${expression.padEnd(width)}  ${measured}`,
    ),
  ];
}

const HEADLINES = { passed: 'PASSED', failed: 'FAILED', inconclusive: 'INCONCLUSIVE' } as const;

const ENDS = {
  limit: '',
  interrupted: ', interrupted',
  aborted: ', stopped early',
  unreachable: ', given up',
  'locked-out': ', given up',
} as const satisfies Record<LoadResult['ended'], string>;

/** Worst first. */
const RANKS = { failed: 0, inconclusive: 1, note: 2 } as const;

const summaryOf = (result: LoadResult): string =>
  `${completedText(result)} in ${formatDuration(result.durationMs)}${ENDS[result.ended]}`;

/** Within a component, whose verdict it is not, nor that of the run. */
const OF_LOAD = {
  passed: 'load: passed',
  failed: 'load: failed',
  inconclusive: 'load: inconclusive',
} as const;

function verdictRows(result: LoadResult<LoadFinding>, paint: Paint, isWithin: boolean): string[] {
  const { verdict, findings, capacity } = result;
  const tint = { passed: paint.good, failed: paint.bad, inconclusive: paint.warn }[verdict];
  const rank = ({ code }: LoadFinding): number => RANKS[consequenceOf(code)];
  const told = [...findings].sort((a, b) => rank(a) - rank(b));
  const summary =
    capacity === null
      ? summaryOf(result)
      : `${capacityLine(capacity)}, ${plural(capacity.levels.length, 'measurement')}`;
  const cause = verdict === 'passed' ? undefined : told.shift();
  const hints = cause === undefined ? told : [cause, ...told];
  return [
    '',
    `${tint(paint.bold((isWithin ? OF_LOAD : HEADLINES)[verdict]))}  ${cause === undefined ? summary : cause.message}`,
    ...told.map(({ code, message }) =>
      consequenceOf(code) === 'note' ? `  ${paint.warn('warning:')} ${message}` : `  ${message}`,
    ),
    ...new Set(hints.flatMap(({ hint }) => (hint === undefined ? [] : [`  ${paint.dim('→')} ${hint}`]))),
    ...(cause === undefined ? [] : [paint.dim(`  more: shakedown explain ${cause.code}`)]),
  ];
}

const trafficRows = (load: LoadSummary, paint: Paint): string[] => [
  ...capacityRows(load.capacity, paint),
  ...rowsOf([
    ...countFacts(load, paint),
    ...iterationFacts(load, paint),
    ...rateFacts(load),
    ...channelFacts(load),
  ]),
  ...latencyRows(load, paint),
  ...nameRows(load, paint),
  ...distributionRows(load, paint),
];

const judgedRows = (load: LoadSummary, findings: readonly Finding[], paint: Paint): string[] => [
  '',
  ...rowsOf(machineFacts(load, paint)),
  ...agentRows(load, paint),
  ...thresholdRows(load, findings, paint),
];

/**
 * The measurements, for callers that report failures and verdict themselves.
 *
 * @param findings mark the thresholds that are undecided
 */
export const measureText = (load: LoadSummary, findings: readonly Finding[], paint: Paint): string[] => [
  ...trafficRows(load, paint),
  ...judgedRows(load, findings, paint),
];

/**
 * The whole report, as lines.
 *
 * @param isWithin whether it is a component's, and not all there was to do
 */
export const loadText = (result: LoadResult<LoadFinding>, paint: Paint, isWithin = false): string[] => {
  const shown = visibleAll(result);
  return [
    ...trafficRows(shown, paint),
    // Not made visible as a whole: requests and responses keep their line breaks.
    ...failureRows(result, paint),
    ...judgedRows(shown, shown.findings, paint),
    ...verdictRows(shown, paint, isWithin),
  ];
};
