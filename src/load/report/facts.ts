/** What is told of a load besides its tables: each fact has a label, which is empty where it goes on about the last one. */
import type { LoadFailure, LoadSummary } from '../../core/load.ts';
import { unitCounted } from '../../core/load-channel.ts';
import { formatDuration, plural } from '../../core/units.ts';
import type { Paint } from '../../text/paint.ts';
import { UNIT_LABELS } from './channel.ts';
import { formatBytes, formatCount, formatRate, formatShare, formatTime, showTime } from './format.ts';

export type Fact = readonly [label: string, text: string];

type Part = readonly [count: number, what: string, tint: (text: string) => string];

/** Those that are not zero, and the first. */
const tellCounts = (parts: readonly Part[]): string =>
  parts
    .filter(([count], index) => count > 0 || index === 0)
    .map(([count, what, tint]) => tint(`${formatCount(count)} ${what}`))
    .join(', ');

export const FAILURE_NAMES: Readonly<Record<LoadFailure['kind'], string>> = {
  check: 'did not pass its checks',
  connect: 'no connection',
  tls: 'TLS',
  'cut-off': 'cut off',
  protocol: 'invalid HTTP',
  machine: 'the fault of the machine that sent',
  timeout: 'timed out',
};

/** What became of all that was due. */
export function countFacts({ counts, channel }: LoadSummary, paint: Paint): Fact[] {
  const parts: Part[] = [
    [counts.completed, 'completed', paint.good],
    [counts.failed, 'failed', paint.bad],
    [counts.timedOut, 'timed out', paint.bad],
    [counts.inFlightAtEnd, 'unanswered at the end', paint.warn],
    [counts.neverSent, 'never sent', paint.warn],
  ];
  return [
    [UNIT_LABELS[unitCounted(channel)], `${formatCount(counts.scheduled)} due: ${tellCounts(parts)}`],
    ...outcomeFacts(counts),
  ];
}

/** By status, and by kind of failure. */
export function outcomeFacts({ byStatus, byFailure }: LoadSummary['counts']): Fact[] {
  const statuses = Object.entries(byStatus).map(([status, count]) => `${status}: ${formatCount(count)}`);
  const kinds = Object.entries(byFailure)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${FAILURE_NAMES[kind as LoadFailure['kind']]}: ${formatCount(count)}`);
  return [
    ...(statuses.length > 0 ? [['status', statuses.join(', ')] as const] : []),
    ...(kinds.length > 0 ? [['failed', kinds.join(', ')] as const] : []),
  ];
}

/** Of users: how many went through all steps, and how long that took. */
export function iterationFacts({ iterations }: LoadSummary, paint: Paint): Fact[] {
  if (iterations === null) return [];
  const { scheduled, completed, failed, inFlightAtEnd, neverStarted, durationUs } = iterations;
  const parts: Part[] = [
    [completed, 'completed', paint.good],
    [failed, 'failed', paint.bad],
    [inFlightAtEnd, 'under way at the end', paint.warn],
    [neverStarted, 'never started', paint.warn],
  ];
  return [
    ['iterations', `${formatCount(scheduled)} due: ${tellCounts(parts)}`],
    ...(durationUs === null
      ? []
      : [['', `each took p50 ${showTime(durationUs, 'p50')}, p99 ${showTime(durationUs, 'p99')}`] as const]),
  ];
}

export function rateFacts({ mode, rate, bytes, durationMs, counts, checkEvery }: LoadSummary): Fact[] {
  const offered = mode === 'open' ? ` of ${formatRate(rate.offered)} that were due` : '';
  const seconds = durationMs / 1000;
  const throughput = seconds > 0 ? ` (${formatBytes(bytes.received / seconds)}/s)` : '';
  return [
    ['rate', `${formatRate(rate.achieved)} answered${offered}, over ${formatDuration(durationMs)}`],
    ['bytes', `${formatBytes(bytes.sent)} sent, ${formatBytes(bytes.received)} received${throughput}`],
    ...(checkEvery > 1
      ? [['checked', `1 response in ${checkEvery}: ${formatCount(counts.checked)}`] as const]
      : []),
  ];
}

/** How the generator performed, and what the target used. */
export function machineFacts({ generator, resources, durationMs }: LoadSummary, paint: Paint): Fact[] {
  const ofCores = (cpuMs: number): string =>
    durationMs > 0 ? ` (${formatShare(cpuMs / durationMs)} of a core)` : '';
  const { cpuMs, spinMs, threads, saturated, maxLoopLagMs } = generator;
  const spun = spinMs > 0 ? `, ${formatDuration(spinMs)} spent waiting awake` : '';
  const state = saturated ? paint.warn('it was the bottleneck') : 'not the bottleneck';
  const own: Fact[] = [
    ['generator', `${formatDuration(cpuMs)} CPU${ofCores(cpuMs)}${spun}`],
    ['', `${plural(threads, 'thread')}, longest pause ${formatTime(maxLoopLagMs * 1000)}: ${state}`],
  ];
  if (resources === null) return own;
  const { rssBytes, threads: theirs, descriptors } = resources;
  const span = ({ first, last, peak }: typeof theirs): string => `${first} → ${last}, peak ${peak}`;
  return [
    ...own,
    ['target', `${formatDuration(resources.cpuMs)} CPU${ofCores(resources.cpuMs)}`],
    [
      '',
      `memory ${formatBytes(rssBytes.first)} → ${formatBytes(rssBytes.last)}, peak ${formatBytes(rssBytes.peak)}`,
    ],
    ['', `threads ${span(theirs)}; descriptors ${span(descriptors)}`],
  ];
}
