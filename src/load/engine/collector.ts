/** Combines the reports of all threads: windows as they end, and the result. */
import type {
  LoadByName,
  LoadBytes,
  LoadCounts,
  LoadFailure,
  LoadLatency,
  LoadWindow,
  NamedWindow,
  TargetSample,
} from '../../core/load.ts';
import type { LoadIterations } from '../../core/load-scenario.ts';
import { MASK, Secrets, secrets } from '../../core/secrets.ts';
import { addDepartures, type DepartureReport } from '../merge/departure.ts';
import { type ChannelSnapshot, ChannelTally } from '../tally/channel-tally.ts';
import { Firsts } from '../tally/firsts.ts';
import { FAILURE_KINDS, Tally } from '../tally/tally.ts';
import { channelWindow } from './channel/channel-recorder.ts';
import { asExample } from './measure/failures.ts';
import { latenciesOf, withoutHistograms } from './measure/latency.ts';
import type { Measurements, NamedTally } from './measurements.ts';
import type { BrokenSteps, Ended, FinalReport, PreparationReport, WindowReport } from './reports.ts';

const perSecond = (count: number, span: number): number => (span > 0 ? (count / span) * 1000 : 0);

/**
 * Requests due and responses completed per second.
 *
 * @param offeredMs the time over which requests were due, if it differs from that of the responses
 */
export const rateOf = (
  tally: Tally,
  durationMs: number,
  offeredMs = durationMs,
): { offered: number; achieved: number } => ({
  offered: perSecond(tally.scheduled, offeredMs),
  achieved: perSecond(tally.service.count, durationMs),
});

export const bytesOf = ({ sent, received }: Tally): LoadBytes => ({ sent, received });

/**
 * @param inFlightAtEnd requests in flight, if the run has not ended yet
 * @throws if the counts do not add up: a bug, after which no figure of the run can be trusted
 */
export function countsOf(tally: Tally, inFlightAtEnd = tally.inFlightAtEnd): LoadCounts {
  const { scheduled, completed, failed, timedOut, neverSent, checked } = tally;
  const sum = completed + failed + timedOut + inFlightAtEnd + neverSent;
  if (scheduled !== sum)
    throw new Error(`the counts do not add up: ${scheduled} scheduled, ${sum} accounted for`);
  return {
    ...{ scheduled, completed, failed, timedOut, inFlightAtEnd, neverSent, checked },
    byStatus: Object.fromEntries(tally.statuses()),
    byFailure: Object.fromEntries(
      FAILURE_KINDS.map((kind, index) => [kind, tally.failures[index] ?? 0]),
    ) as LoadCounts['byFailure'],
  };
}

/** The numbers of each name. */
export const byNameOf = (
  named: readonly NamedTally[],
  durationMs: number,
  offeredMs = durationMs,
  part: LoadByName['part'] = 'load',
): LoadByName[] =>
  named.map(({ name, tally }) => ({
    name,
    part,
    counts: countsOf(tally),
    bytes: bytesOf(tally),
    rate: rateOf(tally, durationMs, offeredMs),
    latencyUs: latenciesOf(tally),
  }));

/** Without what is known of arrivals only: which request one will be shows when it is sent. */
const namedWindow = ({ name, tally }: NamedTally, durationMs: number): NamedWindow => {
  const { completed, failed, timedOut, neverSent } = tally;
  return {
    name,
    counts: { completed, failed, timedOut, neverSent },
    bytes: bytesOf(tally),
    rate: { achieved: perSecond(tally.service.count, durationMs) },
    latencyUs: latenciesOf(tally),
  };
};

/** @throws if the counts do not add up */
export function iterationsOf(tally: Tally, underWay = tally.inFlightAtEnd): LoadIterations {
  const { scheduled, completed, failed, inFlightAtEnd, neverSent } = countsOf(tally, underWay);
  return {
    ...{ scheduled, completed, failed, inFlightAtEnd, neverStarted: neverSent },
    durationUs: latenciesOf(tally).response,
  };
}

/**
 * What a request and its response were, with secrets masked by their places: a header, a field, a telling name. A value that
 * has such a place anywhere in it is masked everywhere in it: a captured token goes on under names that tell nothing.
 */
function withoutSecrets(failure: LoadFailure): LoadFailure {
  const { captured, ...texts } = failure;
  const own = new Secrets();
  own.name([...secrets.names]);
  own.learn([texts.request, texts.response, texts.body]);
  own.learnEnvironment(captured ?? {});
  const { captured: values, ...rest } = own.concealAll(secrets.concealAll(failure));
  const masked = Object.entries(values ?? {}).map(
    ([name, value]) => [name, secrets.isSecret(name) ? MASK : value] as const,
  );
  return { ...rest, captured: captured === null ? null : Object.fromEntries(masked) };
}

export interface CollectorHost {
  readonly workers: number;
  /** Of the requests; a single one has no numbers of its own. */
  readonly names: readonly string[];
  /** Whether there are users: then even a single name has numbers of its own. */
  readonly hasUsers: boolean;
  readonly sampleTarget: () => TargetSample | null;
  readonly onWindow: (ended: EndedWindow) => void;
}

/** A window that has ended; its tally is that only during the call. */
export interface EndedWindow {
  readonly window: LoadWindow;
  readonly latencyUs: LoadLatency;
  readonly tally: Tally;
  /** To be called at once, if at all: it compresses three histograms of each name. */
  readonly byName: () => NamedWindow[];
}

/** A window that not all threads have reported yet. */
interface OpenWindow {
  /** The whole. */
  readonly tally: Tally;
  readonly named: NamedTally[];
  /** Null without channels. */
  readonly channel: ChannelTally | null;
  readonly first: WindowReport;
  durationMs: number;
  inFlight: number;
  maxLoopLagMs: number;
  reports: number;
}

export class Collector implements Measurements {
  readonly total = new Tally();
  readonly named: NamedTally[];
  /** The same while users were prepared. */
  readonly before: readonly NamedTally[];
  readonly channels = new ChannelTally();
  /** Of iterations. */
  readonly iterations = new Tally();
  readonly windows: LoadWindow[] = [];
  /** All that were kept, without secrets: to be saved. */
  readonly kept: LoadFailure[] = [];
  readonly #host: CollectorHost;
  readonly #open = new Map<number, OpenWindow>();
  readonly #finals: FinalReport[] = [];
  readonly #spare: Pick<OpenWindow, 'tally' | 'named'>[] = [];
  #cpu = process.cpuUsage();

  constructor(host: CollectorHost) {
    this.#host = host;
    this.named = this.#tallies();
    this.before = this.#tallies();
  }

  #tallies(): NamedTally[] {
    const { names, hasUsers } = this.#host;
    return names.length === 1 && !hasUsers ? [] : names.map((name) => ({ name, tally: new Tally() }));
  }

  /** The first failures of each kind and name. */
  get failures(): LoadFailure[] {
    const firsts = new Firsts();
    return this.kept.flatMap((failure) => {
      if (!firsts.wants(failure)) return [];
      firsts.count(failure);
      return [asExample(failure)];
    });
  }

  get isComplete(): boolean {
    return this.#finals.length === this.#host.workers;
  }

  get durationMs(): number {
    return Math.max(0, ...this.#finals.map(({ durationMs }) => durationMs));
  }

  /** Milliseconds over which requests were due: up to the first one that no thread had to send. */
  get offeredMs(): number {
    return this.#finals.length === 0 ? 0 : Math.min(...this.#finals.map(({ offeredMs }) => offeredMs));
  }

  /** How the users were prepared, over all threads; null if there was nothing to prepare. */
  get preparation(): PreparationReport | null {
    const parts = this.#finals.flatMap(({ before }) => before ?? []);
    if (parts.length === 0) return null;
    return {
      durationMs: Math.max(...parts.map(({ durationMs }) => durationMs)),
      named: this.before.map(({ tally }) => tally.snapshot()),
      failures: parts.flatMap(({ failures }) => failures.map(withoutSecrets)),
      lockedOut: parts.reduce((sum, { lockedOut }) => sum + lockedOut, 0),
    };
  }

  get leftOfWarmup(): number {
    return this.#finals.reduce((sum, { leftOfWarmup }) => sum + leftOfWarmup, 0);
  }

  /** Whether a response was counted that arrived too late. */
  get isOvertime(): boolean {
    return this.#finals.some(({ isOvertime }) => isOvertime);
  }

  /** Patterns that any thread gave up. */
  get slowPatterns(): string[] {
    return [...new Set(this.#finals.flatMap(({ slowPatterns }) => slowPatterns))];
  }

  /** Of a function of steps, which only ever one thread has. */
  get broken(): BrokenSteps | null {
    return this.#finals[0]?.broken ?? null;
  }

  /** What the threads report of a target that was to leave; undefined if it was not, or none has reported. */
  get departure(): DepartureReport | undefined {
    const all = this.#finals.flatMap(({ departure }) => departure ?? []);
    return all.length === 0 ? undefined : addDepartures(all);
  }

  get ended(): Ended {
    const reasons = this.#finals.map(({ ended }) => ended);
    return (
      (['aborted', 'interrupted', 'unreachable', 'locked-out'] as const).find((reason) =>
        reasons.includes(reason),
      ) ?? 'limit'
    );
  }

  /** The share of their waking time that the threads spun, and the largest share of its time that any of them worked. */
  get activity(): { spinShare: number; busiest: number } {
    const shares = this.#finals.map(({ activeMs, spunMs, durationMs }) =>
      durationMs > 0 ? (activeMs - spunMs) / durationMs : 0,
    );
    const spun = this.#finals.reduce((sum, { spunMs }) => sum + spunMs, 0);
    const active = this.#finals.reduce((sum, { activeMs }) => sum + activeMs, 0);
    return { spinShare: spun > 0 ? Math.min(1, spun / active) : 0, busiest: Math.max(0, ...shares) };
  }

  takeWindow(report: WindowReport): void {
    if (report.iterations !== null && report.phase === 'measured') this.iterations.add(report.iterations);
    const open = this.#open.get(report.number) ?? this.#openWindow(report);
    open.tally.add(report.tally);
    this.#takeChannels(open, report.channel);
    if (report.grown.length > 0) this.#grow(open, report.grown);
    for (const [place, { tally }] of open.named.entries()) {
      const part = report.named[place];
      if (part === undefined) break;
      open.tally.add(part);
      tally.add(part);
    }
    open.durationMs = Math.max(open.durationMs, report.durationMs);
    open.inFlight += report.inFlight;
    open.maxLoopLagMs = Math.max(open.maxLoopLagMs, report.maxLoopLagMs);
    open.reports += 1;
    this.#closeWindows();
  }

  /** Names that the plan does not have come from one thread only, so that their places are the same here. */
  #grow(open: OpenWindow, grown: readonly string[]): void {
    for (const list of [this.named, open.named])
      for (const name of grown.slice(list.length - this.#host.names.length))
        list.push({ name, tally: new Tally() });
  }

  #takeChannels({ channel }: OpenWindow, report: ChannelSnapshot | null): void {
    if (channel === null || report === null) return;
    channel.add(report);
    channel.open += report.open;
  }

  takeFinal(report: FinalReport): void {
    this.#finals.push(report);
    for (const [place, part] of (report.before?.named ?? []).entries()) {
      const whole = this.before[place]?.tally;
      whole?.add(part);
      if (whole !== undefined) whole.scheduled = whole.accounted;
    }
    for (const failure of report.failures) this.kept.push(withoutSecrets(failure));
    this.#closeWindows();
  }

  #openWindow(first: WindowReport): OpenWindow {
    const tallies = this.#spare.pop() ?? { tally: new Tally(), named: this.#tallies() };
    const channel = first.channel === null ? null : new ChannelTally();
    const open = { ...tallies, channel, first, durationMs: 0, inFlight: 0, maxLoopLagMs: 0, reports: 0 };
    this.#open.set(first.number, open);
    return open;
  }

  /** A thread that has ended reports no more windows. */
  #closeWindows(): void {
    for (const [number, open] of this.#open) {
      if (open.reports < this.#host.workers && !this.isComplete) return;
      this.#open.delete(number);
      this.#closeWindow(open);
    }
  }

  /** Connections are opened in the warm-up as well. */
  #addChannels(channel: ChannelTally): void {
    this.channels.add(channel.snapshot());
    this.channels.open = channel.open;
  }

  #closeWindow({ tally, named, channel, first, durationMs, inFlight, maxLoopLagMs }: OpenWindow): void {
    const cpu = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    const { scheduled, completed, failed, timedOut, neverSent } = tally;
    const latencyUs = latenciesOf(tally);
    const window: LoadWindow = {
      atMs: first.atMs,
      durationMs,
      phase: first.phase,
      counts: { scheduled, completed, failed, timedOut, neverSent, inFlight },
      bytes: bytesOf(tally),
      rate: rateOf(tally, durationMs),
      latencyUs: withoutHistograms(latencyUs),
      generator: { cpuMs: (cpu.user + cpu.system) / 1000, maxLoopLagMs },
      channel: channel === null ? null : channelWindow(channel),
      target: this.#host.sampleTarget(),
    };
    if (channel !== null) this.#addChannels(channel);
    this.windows.push(window);
    if (first.phase === 'measured') this.total.add(tally.snapshot());
    for (const [place, { tally: whole }] of this.named.entries()) {
      const part = named[place]?.tally;
      if (part === undefined) break;
      if (first.phase === 'measured') whole.add(part.snapshot());
      // Which request an arrival will be shows when it is sent: until the end, those in flight are in no name's numbers.
      whole.scheduled = whole.accounted;
    }
    const byName = (): NamedWindow[] =>
      first.phase === 'warmup' ? [] : named.map((each) => namedWindow(each, durationMs));
    this.#host.onWindow({ window, latencyUs, tally, byName });
    tally.clear();
    for (const each of named) each.tally.clear();
    this.#spare.push({ tally, named });
  }
}
