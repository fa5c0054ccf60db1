import type { Latency, LoadSummary } from '../../domain/load.ts';
import { plural } from '../../domain/units.ts';
import { formatCount, formatRate, formatTime } from './format.ts';

const showTime = (latency: Latency, name: 'p50' | 'p99'): string =>
  `${name} ${latency.atLeast.includes(name) ? '≥ ' : ''}${formatTime(latency[name])}`;

/** A load in one line: `2,000 requests, 12,345/s, p50 1.20 ms, p99 3.40 ms, no errors`. */
export function loadLine({ counts, rate, latencyUs }: LoadSummary): string {
  const { response } = latencyUs;
  const errors = [
    [counts.failed, 'failed'],
    [counts.timedOut, 'timed out'],
    [counts.neverSent, 'never sent'],
  ] as const;
  const told = errors.flatMap(([count, what]) => (count > 0 ? [`${formatCount(count)} ${what}`] : []));
  return [
    plural(counts.scheduled, 'request'),
    formatRate(rate.achieved),
    ...(response === null ? [] : [showTime(response, 'p50'), showTime(response, 'p99')]),
    told.length === 0 ? 'no errors' : told.join(', '),
  ].join(', ');
}
