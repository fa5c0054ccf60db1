/** The final report of a load for a person: measurements, their reliability, and the verdict with its cause. */
import { firstFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { visible, visibleAll } from '../../core/harmless.ts';
import type {
  LoadFailure,
  LoadResult,
  LoadSummary,
  ThresholdResult,
  ThresholdUnit,
} from '../../core/load.ts';
import { unitCounted } from '../../core/load-channel.ts';
import { parseThreshold, showMeasure } from '../../core/threshold.ts';
import { formatDuration, plural } from '../../core/units.ts';
import type { Paint } from '../../text/paint.ts';
import { consequenceOf, type LoadFinding } from '../findings.ts';
import { capacityLine } from './brief.ts';
import { capacityRows } from './capacity.ts';
import { CLOCKS_MEAN, channelRows, channelTimes, completedText, UNIT_LABELS } from './channel.ts';
import { drawDistribution } from './distribution.ts';
import { formatBytes, formatCount, formatRate, formatShare, formatTime, showTime } from './format.ts';
import { nameRows } from './names.ts';

const LABEL = 13;
const row = (label: string, text: string): string => `  ${label.padEnd(LABEL)} ${text}`;

function countRows({ counts, channel }: LoadSummary, paint: Paint): string[] {
  const parts: [number, string, (text: string) => string][] = [
    [counts.completed, 'completed', paint.good],
    [counts.failed, 'failed', paint.bad],
    [counts.timedOut, 'timed out', paint.bad],
    [counts.inFlightAtEnd, 'unanswered at the end', paint.warn],
    [counts.neverSent, 'never sent', paint.warn],
  ];
  const statuses = Object.entries(counts.byStatus).map(
    ([status, count]) => `${status}: ${formatCount(count)}`,
  );
  const kinds = Object.entries(counts.byFailure)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${FAILURE_NAMES[kind as LoadFailure['kind']]}: ${formatCount(count)}`);
  return [
    row(UNIT_LABELS[unitCounted(channel)], `${formatCount(counts.scheduled)} due: ${tellCounts(parts)}`),
    ...(statuses.length > 0 ? [row('status', statuses.join(', '))] : []),
    ...(kinds.length > 0 ? [row('failed', kinds.join(', '))] : []),
  ];
}

/** Of a kind, besides the first failure. */
const MOST_MESSAGES = 5;
/** Of users: how many went through all steps, and how long that took. */
function iterationRows({ iterations }: LoadSummary, paint: Paint): string[] {
  if (iterations === null) return [];
  const { scheduled, completed, failed, inFlightAtEnd, neverStarted, durationUs } = iterations;
  const parts: [number, string, (text: string) => string][] = [
    [completed, 'completed', paint.good],
    [failed, 'failed', paint.bad],
    [inFlightAtEnd, 'under way at the end', paint.warn],
    [neverStarted, 'never started', paint.warn],
  ];
  return [
    row('iterations', `${formatCount(scheduled)} due: ${tellCounts(parts)}`),
    ...(durationUs === null
      ? []
      : [row('', `each took p50 ${showTime(durationUs, 'p50')}, p99 ${showTime(durationUs, 'p99')}`)]),
  ];
}

/** Those that are not zero, and the first. */
const tellCounts = (parts: readonly [number, string, (text: string) => string][]): string =>
  parts
    .filter(([count], index) => count > 0 || index === 0)
    .map(([count, what, tint]) => tint(`${formatCount(count)} ${what}`))
    .join(', ');

const FAILURE_NAMES: Readonly<Record<LoadFailure['kind'], string>> = {
  check: 'did not pass its checks',
  connect: 'no connection',
  tls: 'TLS',
  'cut-off': 'cut off',
  protocol: 'invalid HTTP',
  machine: 'not sent: this machine has nothing left to connect with',
  timeout: 'timed out',
};

function rateRows({ mode, rate, bytes, durationMs, counts, checkEvery }: LoadSummary): string[] {
  const offered = mode === 'open' ? ` of ${formatRate(rate.offered)} that were due` : '';
  const seconds = durationMs / 1000;
  const throughput = seconds > 0 ? ` (${formatBytes(bytes.received / seconds)}/s)` : '';
  const checked =
    checkEvery > 1 ? [row('checked', `1 response in ${checkEvery}: ${formatCount(counts.checked)}`)] : [];
  return [
    row('rate', `${formatRate(rate.achieved)} answered${offered}, over ${formatDuration(durationMs)}`),
    row('bytes', `${formatBytes(bytes.sent)} sent, ${formatBytes(bytes.received)} received${throughput}`),
    ...checked,
  ];
}

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

function machineRows({ generator, resources, durationMs }: LoadSummary, paint: Paint): string[] {
  const ofCores = (cpuMs: number): string =>
    durationMs > 0 ? ` (${formatShare(cpuMs / durationMs)} of a core)` : '';
  const { cpuMs, spinMs, threads, saturated, maxLoopLagMs } = generator;
  const spun = spinMs > 0 ? `, ${formatDuration(spinMs)} spent waiting awake` : '';
  const state = saturated ? paint.warn('it was the bottleneck') : 'not the bottleneck';
  const rows = [
    row('generator', `${formatDuration(cpuMs)} CPU${ofCores(cpuMs)}${spun}`),
    row('', `${plural(threads, 'thread')}, longest pause ${formatTime(maxLoopLagMs * 1000)}: ${state}`),
  ];
  if (resources === null) return ['', ...rows];
  const { rssBytes, threads: own, descriptors } = resources;
  const span = ({ first, last, peak }: typeof own): string => `${first} → ${last}, peak ${peak}`;
  return [
    '',
    ...rows,
    row('target', `${formatDuration(resources.cpuMs)} CPU${ofCores(resources.cpuMs)}`),
    row(
      '',
      `memory ${formatBytes(rssBytes.first)} → ${formatBytes(rssBytes.last)}, peak ${formatBytes(rssBytes.peak)}`,
    ),
    row('', `threads ${span(own)}; descriptors ${span(descriptors)}`),
  ];
}

function unitOf(expression: string): ThresholdUnit {
  const parsed = parseThreshold(expression);
  return parsed.ok ? parsed.value.unit : 'count';
}

function thresholdRows(
  results: readonly ThresholdResult[],
  findings: readonly Finding[],
  paint: Paint,
): string[] {
  if (results.length === 0) return [];
  const width = Math.max(...results.map(({ expression }) => expression.length));
  const undecided = new Set(
    findings.flatMap((finding) => (finding.code === 'threshold-undecided' ? [finding.expression] : [])),
  );
  const rows = results.map(({ expression, actual, atLeast, holds }) => {
    const mark = holds ? paint.good('✓') : undecided.has(expression) ? paint.warn('?') : paint.bad('✗');
    const measured = actual === null ? 'not measured' : showMeasure(actual, unitOf(expression));
    return `  ${mark} ${expression.padEnd(width)}  ${atLeast ? '≥ ' : ''}${measured}`;
  });
  return ['', ...rows];
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

function verdictRows(result: LoadResult<LoadFinding>, paint: Paint): string[] {
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
    `${tint(paint.bold(HEADLINES[verdict]))}  ${cause === undefined ? summary : cause.message}`,
    ...told.map(({ code, message }) =>
      consequenceOf(code) === 'note' ? `  ${paint.warn('warning:')} ${message}` : `  ${message}`,
    ),
    ...new Set(hints.flatMap(({ hint }) => (hint === undefined ? [] : [`  ${paint.dim('→')} ${hint}`]))),
    ...(cause === undefined ? [] : [paint.dim(`  more: shakedown explain ${cause.code}`)]),
  ];
}

const trafficRows = (load: LoadSummary, paint: Paint): string[] => [
  ...capacityRows(load.capacity, paint),
  ...countRows(load, paint),
  ...iterationRows(load, paint),
  ...rateRows(load),
  ...channelRows(load).map(([label, text]) => row(label, text)),
  ...latencyRows(load, paint),
  ...nameRows(load, paint),
  ...distributionRows(load, paint),
];

const judgedRows = (load: LoadSummary, findings: readonly Finding[], paint: Paint): string[] => [
  ...machineRows(load, paint),
  ...thresholdRows(load.thresholds, findings, paint),
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

/** The whole report, as lines. */
export const loadText = (result: LoadResult<LoadFinding>, paint: Paint): string[] => {
  const shown = visibleAll(result);
  return [
    ...trafficRows(shown, paint),
    // Not made visible as a whole: requests and responses keep their line breaks.
    ...failureRows(result, paint),
    ...judgedRows(shown, shown.findings, paint),
    ...verdictRows(shown, paint),
  ];
};
