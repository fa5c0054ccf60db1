/** Judges what happened to channels and is the outcome of no message: what could not be opened, was lost, or was wrong. */
import type { LoadFailure, LoadResult, Threshold } from '../../../core/load.ts';
import type { ChannelResult } from '../../../core/load-channel.ts';
import { CHANNEL_PREFIXES } from '../../../core/metric.ts';
import { plural } from '../../../core/units.ts';
import type { LoadFinding } from '../../findings.ts';
import { evidenceOf } from '../evidence.ts';

/** `1006: 2, 1011: 1` */
const showCloses = ({ closes }: ChannelResult): string => {
  const codes = Object.entries(closes).map(([code, count]) => `${code}: ${count}`);
  return codes.length === 0 ? '' : ` (${codes.join(', ')})`;
};

const NOUNS = { websocket: ['WebSocket', 'WebSockets'], sse: ['stream', 'streams'] } as const;

/** @param bounds thresholds that hold; they alone judge what they measure */
export function channelFindings(
  { channel, failures }: Pick<LoadResult, 'channel' | 'failures'>,
  bounds: readonly Pick<Threshold, 'metric'>[],
): LoadFinding[] {
  if (channel === null) return [];
  const { type, lost, refused, wrong } = channel;
  const [one, many] = NOUNS[type];
  const finding = (
    count: number,
    metric: 'lost' | 'refused' | 'wrong',
    what: string,
    kinds: readonly LoadFailure['kind'][],
  ): LoadFinding[] => {
    if (count === 0 || bounds.some((bound) => bound.metric === `${CHANNEL_PREFIXES[type]}.${metric}`))
      return [];
    const examples = failures.filter(({ kind }) => kinds.includes(kind));
    const [first] = examples;
    const message = `${what}${first === undefined ? '' : `: ${first.message}`}`;
    return [{ code: 'channel-trouble', message, evidence: evidenceOf(examples), count }];
  };
  const closes = type === 'websocket' ? showCloses(channel) : '';
  return [
    ...finding(refused, 'refused', `${plural(refused, one, many)} could not be opened`, [
      ...(['connect', 'tls', 'check', 'machine', 'timeout', 'protocol'] as const),
    ]),
    ...finding(lost, 'lost', `${plural(lost, one, many)} ended before the load did${closes}`, ['cut-off']),
    ...finding(wrong, 'wrong', `${plural(wrong, 'event')} did not pass their checks`, ['check']),
  ];
}
