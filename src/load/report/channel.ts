/** What a load on open connections has besides counts and times: how they were opened and lost, and what came. */
import type { Latency, LoadSummary, LoadWindow } from '../../core/load.ts';
import { type ChannelResult, type LoadUnit, unitCounted } from '../../core/load-channel.ts';
import { plural } from '../../core/units.ts';
import { formatCount, formatRate } from './format.ts';

/** The label of the counts. */
export const UNIT_LABELS: Readonly<Record<LoadUnit, string>> = {
  request: 'requests',
  message: 'messages',
  connection: 'connections',
  stream: 'streams',
};

/** What is measured, below the table of latencies. */
export const CLOCKS_MEAN: Readonly<Record<LoadUnit, string>> = {
  request: 'response: from when it was due; service: from when it was sent',
  message: 'until its answer: response from when it was due, service from when it was sent',
  connection: 'until it was open: response from when it was due, service from when it was asked for',
  stream: 'until its first event: response from when it was due, service from when it was asked for',
};

/** Further rows of that table. */
export const channelTimes = (channel: ChannelResult | null): (readonly [string, Latency | null])[] =>
  channel === null
    ? []
    : [
        ['connect', channel.connectUs],
        ['gap', channel.gapUs],
      ];

const isSome = ([count]: readonly [number, string]): boolean => count > 0;
const told = (parts: readonly (readonly [number, string])[]): string =>
  parts
    .filter(isSome)
    .map(([count, what]) => `${formatCount(count)} ${what}`)
    .join(', ');

function openRow(channel: ChannelResult): readonly [string, string] {
  const { type, opened, refused, lost, ended, openAtEnd, closes } = channel;
  const codes = Object.entries(closes).map(([code, count]) => `${code}: ${formatCount(count)}`);
  const parts = [
    `${formatCount(opened)} opened`,
    told([
      [refused, 'could not be opened'],
      [ended, 'ended'],
      [lost, `lost${codes.length === 0 ? '' : ` (${codes.join(', ')})`}`],
      [openAtEnd, 'open at the end'],
    ]),
  ];
  return [type === 'sse' ? 'opened' : 'WebSockets', parts.filter((part) => part !== '').join(', ')];
}

/** Without an expected text, the first message is taken for an answer, even if it is a welcome. */
const IN_DOUBT: readonly (readonly [string, string])[] = [
  ['', 'more came than was asked for, so the times may be those of other messages:'],
  ['', 'expect a text that only the answer has, with {{counter}} or a column in it'],
];

/** Label and text of each row. */
export function channelFacts({ channel, counts, durationMs }: LoadSummary): (readonly [string, string])[] {
  if (channel === null) return [];
  const { type, received, unasked, wrong } = channel;
  const rate = durationMs > 0 ? ` (${formatRate((received / durationMs) * 1000)})` : '';
  const aside = told([
    [unasked, 'that answered nothing'],
    [wrong, 'wrong after the first of their stream'],
  ]);
  const what = plural(received, type === 'sse' ? 'event' : 'message');
  const rows = [
    openRow(channel),
    ['received', [`${what}${rate}`, aside].filter(Boolean).join(', ')] as const,
  ];
  if (channel.unit === 'connection')
    return [...rows, ['', 'nothing was sent: tried was that WebSockets open, and stay open'] as const];
  const isAny = channel.unit === 'message' && counts.checked === 0 && counts.completed > 0;
  if (!isAny) return rows;
  return [
    ...rows,
    ['', 'nothing was expected of the answers: any would do'],
    ...(unasked > 0 ? IN_DOUBT : []),
  ];
}

/** `1,000 requests completed` */
export const completedText = ({ counts, channel }: Pick<LoadSummary, 'counts' | 'channel'>): string => {
  const unit = unitCounted(channel);
  if (unit === 'connection') return `${plural(counts.completed, 'WebSocket')} opened`;
  if (unit === 'stream') return `${plural(counts.completed, 'stream')} with events`;
  return `${plural(counts.completed, unit)} ${unit === 'message' ? 'answered' : 'completed'}`;
};

/** `20 open, 446/s received`; none without channels. */
export function openText(window: Pick<LoadWindow, 'channel' | 'durationMs'> | undefined): string[] {
  const channel = window?.channel ?? null;
  if (window === undefined || channel === null) return [];
  const perSecond = window.durationMs > 0 ? (channel.received / window.durationMs) * 1000 : 0;
  return [`${formatCount(channel.open)} open, ${formatRate(perSecond)} received`];
}
