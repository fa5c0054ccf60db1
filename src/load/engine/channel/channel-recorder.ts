/** What the channels of a load tell: recorded, and as a result. */
import type { ChannelResult, ChannelWindow, LoadUnit } from '../../../core/load-channel.ts';
import { ChannelTally } from '../../tally/channel-tally.ts';
import { Histogram } from '../../tally/histogram.ts';
import { latencyOf } from '../measure/latency.ts';

const NONE = new Histogram();

export function channelResult(
  tally: ChannelTally,
  { type, unit }: { readonly type: ChannelResult['type']; readonly unit: LoadUnit },
): ChannelResult {
  if (unit === 'request') throw new Error('a request has no channel');
  return {
    ...{ type, unit, openAtEnd: tally.open },
    ...tally.counts,
    closes: Object.fromEntries([...tally.closes].sort(([a], [b]) => a - b)),
    connectUs: latencyOf(tally.connect, NONE),
    gapUs: latencyOf(tally.gap, NONE),
  };
}

export const channelWindow = ({ counts, open }: ChannelTally): ChannelWindow => ({
  open,
  opened: counts.opened,
  lost: counts.lost,
  received: counts.received,
  unasked: counts.unasked,
});

/** Records what happens on the channels of a thread. All times are by `performance.now()`. */
export class ChannelRecorder {
  readonly tally = new ChannelTally();
  #measureFrom = Number.POSITIVE_INFINITY;
  #endAt = Number.POSITIVE_INFINITY;
  #longestGap = 0;

  /** Messages count within the measured time only; openings and losses always. */
  begin({ measureFrom, endAt }: { readonly measureFrom: number; readonly endAt: number }): void {
    this.#measureFrom = measureFrom;
    this.#endAt = endAt;
  }

  opened(since: number, now: number): void {
    this.tally.counts.opened += 1;
    this.tally.open += 1;
    this.tally.connect.record((now - since) * 1000);
  }

  refused(): void {
    this.tally.counts.refused += 1;
  }

  /** @param code of a WebSocket's close; undefined for a stream */
  lost(code?: number): void {
    this.tally.counts.lost += 1;
    this.tally.open -= 1;
    if (code !== undefined) this.tally.closed(code);
  }

  /** A stream came to its end. */
  ended(): void {
    this.tally.counts.ended += 1;
    this.tally.open -= 1;
  }

  /** We closed it before the end. */
  left(): void {
    this.tally.open -= 1;
  }

  /** @param before when the message before it on the same channel came; NaN: there was none */
  received(before: number, now: number): void {
    if (now < this.#measureFrom || now >= this.#endAt) return;
    this.tally.counts.received += 1;
    if (before >= this.#measureFrom) this.#gap(now - before);
  }

  unasked(now: number): void {
    if (now >= this.#measureFrom && now < this.#endAt) this.tally.counts.unasked += 1;
  }

  wrong(now: number): void {
    if (now >= this.#measureFrom && now < this.#endAt) this.tally.counts.wrong += 1;
  }

  /** A channel is silent until the end. Counted only if no gap was as long: the others would make the gaps seem shorter. */
  silent(since: number, now: number): void {
    const gap = Math.min(now, this.#endAt) - Math.max(since, this.#measureFrom);
    if (gap > this.#longestGap) this.#gap(gap);
  }

  #gap(span: number): void {
    if (span > this.#longestGap) this.#longestGap = span;
    this.tally.gap.record(span * 1000);
  }
}
