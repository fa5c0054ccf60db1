/** Counts and times of the channels of a thread, which can be sent to another thread and added there. */
import { Histogram, type HistogramCounts } from './histogram.ts';

const COUNTERS = ['opened', 'refused', 'lost', 'ended', 'received', 'unasked', 'wrong'] as const;

type Counts = Record<(typeof COUNTERS)[number], number>;

export interface ChannelSnapshot {
  readonly counts: Readonly<Counts>;
  readonly closes: readonly (readonly [code: number, count: number])[];
  readonly connect: HistogramCounts;
  readonly gap: HistogramCounts;
  /** How many are open now. */
  readonly open: number;
}

const noCounts = (): Counts => ({
  ...{ opened: 0, refused: 0, lost: 0, ended: 0, received: 0, unasked: 0, wrong: 0 },
});

export class ChannelTally {
  readonly counts = noCounts();
  readonly closes = new Map<number, number>();
  readonly connect = new Histogram();
  readonly gap = new Histogram();
  open = 0;

  closed(code: number, times = 1): void {
    this.closes.set(code, (this.closes.get(code) ?? 0) + times);
  }

  snapshot(): ChannelSnapshot {
    return {
      counts: { ...this.counts },
      closes: [...this.closes].sort(([one], [other]) => one - other),
      connect: this.connect.snapshot(),
      gap: this.gap.snapshot(),
      open: this.open,
    };
  }

  add({ counts, closes, connect, gap }: ChannelSnapshot): void {
    for (const name of COUNTERS) this.counts[name] += counts[name];
    for (const [code, count] of closes) this.closed(code, count);
    this.connect.add(connect);
    this.gap.add(gap);
  }

  /** Forgets all but how many are open. */
  clear(): void {
    Object.assign(this.counts, noCounts());
    this.closes.clear();
    this.connect.clear();
    this.gap.clear();
  }
}
