/**
 * An interval log of HdrHistogram, version 1.3, which its log processor, its plotters and viewers read.
 *
 * Source of the format: HistogramLogWriter of https://github.com/HdrHistogram/HdrHistogram
 */
import type { Latency, LoadResult } from '../../domain/load.ts';

/** Those who ask for no tag get the response times. */
const TAGS = { response: '', service: 'Tag=service,', sendLag: 'Tag=sendLag,' } as const;

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

function line(tag: string, atMs: number, durationMs: number, { max, hdr }: Latency): string {
  return `${tag}${seconds(atMs)},${seconds(durationMs)},${(max / 1000).toFixed(3)},${hdr}`;
}

/**
 * The measured windows, values in microseconds, the maximum of each interval in milliseconds.
 *
 * @param startedAt when the run began
 */
export function loadHlog({ version, windows }: LoadResult, startedAt: Date): string {
  const start = seconds(startedAt.getTime());
  const intervals = windows
    .filter(({ phase }) => phase === 'measured')
    .flatMap(({ atMs, durationMs, latencyUs }) =>
      Object.entries(TAGS).flatMap(([clock, tag]) => {
        const latency = latencyUs[clock as keyof typeof TAGS];
        return latency === null ? [] : [line(tag, atMs, durationMs, latency)];
      }),
    );
  return [
    `#[Logged with shakedown ${version}]`,
    '#[Histogram log format version 1.3]',
    `#[StartTime: ${start} (seconds since epoch), ${startedAt.toISOString()}]`,
    `#[BaseTime: ${start} (seconds since epoch)]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ...intervals,
    '',
  ].join('\n');
}
