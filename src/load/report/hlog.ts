/**
 * An interval log of HdrHistogram, version 1.3, for its log processor, plotters and viewers.
 *
 * Source of the format: HistogramLogWriter of https://github.com/HdrHistogram/HdrHistogram
 */
import type { Latency, LoadLatency, LoadWindow } from '../../core/load.ts';

/** Readers that ask for no tag get the response times. */
const TAGS = { response: '', service: 'Tag=service,', sendLag: 'Tag=sendLag,' } as const;

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

function line(tag: string, atMs: number, durationMs: number, { max, hdr }: Latency): string {
  return `${tag}${seconds(atMs)},${seconds(durationMs)},${(max / 1000).toFixed(3)},${hdr}\n`;
}

/** @param startedAt when the run began */
export function hlogHead(version: string, startedAt: Date): string {
  const start = seconds(startedAt.getTime());
  return [
    `#[Logged with shakedown ${version}]`,
    '#[Histogram log format version 1.3]',
    `#[StartTime: ${start} (seconds since epoch), ${startedAt.toISOString()}]`,
    `#[BaseTime: ${start} (seconds since epoch)]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    '',
  ].join('\n');
}

/**
 * The lines of a window, none for the warm-up: values in microseconds, maximum in milliseconds.
 *
 * @param latencyUs latencies of the window, with histograms
 */
export function hlogLines({ atMs, durationMs, phase }: LoadWindow, latencyUs: LoadLatency): string {
  if (phase === 'warmup') return '';
  return Object.entries(TAGS)
    .map(([clock, tag]) => {
      const latency = latencyUs[clock as keyof typeof TAGS];
      return latency === null ? '' : line(tag, atMs, durationMs, latency);
    })
    .join('');
}
