/**
 * An interval log of HdrHistogram, version 1.3, for its log processor, plotters and viewers.
 *
 * Source of the format: HistogramLogWriter of https://github.com/HdrHistogram/HdrHistogram
 */
import { visible } from '../../core/harmless.ts';
import type { Latency, LoadLatency, LoadWindow, NamedWindow } from '../../core/load.ts';

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

/** Names as tags, which cannot hold blanks and commas; each is the tag of no other. */
function tagsOf(names: readonly string[]): string[] {
  const taken = new Set<string>(['service', 'sendLag']);
  return names.map((name) => {
    const plain = visible(name).replace(/[\s,]/g, '_');
    let tag = plain;
    for (let count = 2; taken.has(tag); count += 1) tag = `${plain}_${count}`;
    taken.add(tag);
    return tag;
  });
}

/**
 * The lines of a window, none for the warm-up: values in microseconds, maximum in milliseconds.
 *
 * @param latencyUs latencies of the window, with histograms
 * @param byName the same by name: their response times have it as their tag
 */
export function hlogLines(
  { atMs, durationMs, phase }: LoadWindow,
  latencyUs: LoadLatency,
  byName: readonly NamedWindow[],
): string {
  if (phase === 'warmup') return '';
  const tags = tagsOf(byName.map(({ name }) => name));
  const all = [
    ...Object.entries(TAGS).map(([clock, tag]) => [tag, latencyUs[clock as keyof typeof TAGS]] as const),
    ...byName.map(({ latencyUs: { response } }, at) => [`Tag=${tags[at]},`, response] as const),
  ];
  return all.map(([tag, latency]) => (latency === null ? '' : line(tag, atMs, durationMs, latency))).join('');
}
