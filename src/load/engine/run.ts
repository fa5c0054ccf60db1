/** Carries out a load plan. */
import type { LoadLevel } from '../../core/capacity.ts';
import { MOST_SAVED } from '../../core/failure-files.ts';
import type {
  LoadByName,
  LoadLatency,
  LoadPlan,
  LoadResult,
  LoadWindow,
  NamedWindow,
  TargetSample,
} from '../../core/load.ts';
import { shownUrl, unitOf } from '../../core/load-channel.ts';
import type { LoadStep } from '../../core/load-scenario.ts';
import type { Measured } from '../../core/metric.ts';
import { seriesOf } from '../../core/series.ts';
import { interruptionOf } from '../../core/stop-reason.ts';
import { plural } from '../../core/units.ts';
import { type LoadFinding, verdictOf } from '../findings.ts';
import { channelResult } from './channel/channel-tally.ts';
import {
  byNameOf,
  bytesOf,
  Collector,
  countsOf,
  iterationsOf,
  type NamedTally,
  rateOf,
} from './collector.ts';
import { mergeDepartures } from './departure.ts';
import { judgeLoad, type Unjudged } from './judge.ts';
import { latenciesOf } from './measure/latency.ts';
import { longestLag, resourcesOf } from './measure/machine.ts';
import type { Tally } from './measure/tally.ts';
import { withAgent } from './request/agent.ts';
import { resolveTarget } from './resolve.ts';
import { saturation } from './saturation.ts';
import { saveFailures } from './save-failures.ts';
import { type Senders, startSenders } from './threads.ts';
import type { Fidelity } from './threshold/bounds.ts';
import { abortingThresholds, evaluateThreshold } from './threshold/evaluate.ts';
import { speaksTls } from './tls-look.ts';

/** What the caller of a load provides. */
export interface LoadHost {
  /** Shakedown's version, for the result and the User-Agent. */
  readonly version: string;
  /** Ends the run early, still with a result. */
  readonly signal?: AbortSignal;
  /**
   * Called about once a second with the window that just ended, and its latencies with histograms.
   *
   * @param byName the same by name, if there is more than one; only during the call
   */
  readonly onWindow?: (window: LoadWindow, latencyUs: LoadLatency, byName: () => NamedWindow[]) => void;
  /** Called, ahead of the load, when more users are prepared than before: so many. */
  readonly onPreparing?: (isIn: number) => void;
  /** Called when a search for the highest rate begins to send a rate, and with what became of it. */
  readonly onLevelStart?: (rate: number, isLook: boolean) => void;
  readonly onLevel?: (level: LoadLevel) => void;
  /** Samples the target's processes; null once they are gone. */
  readonly sampleTarget?: () => TargetSample | null;
  /** Called when a load begins whose target is to leave. */
  readonly onStart?: (load: Departing) => void;
}

/** A load whose target is told, in its middle, to stop or to restart. */
export interface Departing {
  /**
   * To be called just before the target is told, once.
   *
   * @returns the number of requests in flight, when there are some or there have been none for a second
   */
  readonly leave: () => Promise<number>;
  /** Ends the load as if it had come to its limit. It ends by itself when a target that was to stop accepts no connection. */
  readonly end: () => void;
}

/**
 * Sends a load and measures the responses.
 *
 * @returns the result, with a finding if the target refuses, lies or dies
 */
export async function runLoad(plan: LoadPlan, host: LoadHost): Promise<LoadResult<LoadFinding>> {
  const target = await resolveTarget(plan.target);
  if (!target.ok) {
    const nothing = describe(plan, host, new Collector(silent(plan)), []);
    return { ...nothing, verdict: 'failed', findings: [{ code: 'zero-work', message: target.error }] };
  }
  return new LoadRun({ ...plan, target: target.value }, host).result;
}

const now = (): number => performance.timeOrigin + performance.now();

const silent = ({ workers, requests, scenario }: LoadPlan) => ({
  workers,
  hasUsers: scenario !== null,
  names: seriesOf(requests).names,
  sampleTarget: () => null,
  onWindow: () => {},
});

class LoadRun {
  readonly result: Promise<LoadResult<LoadFinding>>;
  readonly #plan: LoadPlan;
  readonly #host: LoadHost;
  readonly #collector: Collector;
  readonly #samples: TargetSample[] = [];
  #stop: (reason: 'interrupted' | 'aborted') => void = () => {};
  #cpuAtStart = process.cpuUsage();
  /** The measurements at the moment when a condition of `abortOn` held. */
  #measuredAtAbort: Measured | undefined;
  /** When the load began, and when the target was told to leave, in milliseconds since 1970. */
  #startedAt = Number.NaN;
  #toldAt = Number.NaN;

  constructor(plan: LoadPlan, host: LoadHost) {
    this.#plan = plan;
    this.#host = host;
    this.#collector = new Collector({
      ...silent(plan),
      sampleTarget: () => this.#sample(),
      onWindow: (...ended) => this.#onWindow(...ended),
    });
    this.#sample();
    this.result = this.#run();
  }

  #sample(): TargetSample | null {
    const sample = this.#host.sampleTarget?.() ?? null;
    if (sample !== null) this.#samples.push(sample);
    return sample;
  }

  async #run(): Promise<LoadResult<LoadFinding>> {
    const { signal } = this.#host;
    const onAbort = (): void => this.#stop('interrupted');
    try {
      await new Promise<void>((resolve, reject) => {
        const senders = startSenders(
          withAgent(this.#plan, `shakedown-load/${this.#host.version}`),
          {
            onPreparing: (isIn) => this.#host.onPreparing?.(isIn),
            onWindow: (report) => this.#collector.takeWindow(report),
            onEnd: (report) => {
              this.#collector.takeFinal(report);
              if (this.#collector.isComplete) resolve();
            },
            onStart: () => {
              this.#startedAt = now();
              this.#host.onStart?.({ leave: () => this.#leave(senders), end: () => senders.end() });
            },
          },
          reject,
        );
        this.#stop = (reason) => senders.stop(reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        if (signal?.aborted === true) onAbort();
      });
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
    return await this.#judge();
  }

  async #leave(senders: Senders): Promise<number> {
    const inFlight = await senders.leave();
    this.#toldAt = now();
    return inFlight;
  }

  /** Nothing was answered, or no connection was usable: the target may speak another protocol. */
  #isUnheard({ latencyUs, counts, ended }: Unjudged): boolean {
    const { connect, protocol, 'cut-off': cutOff } = counts.byFailure;
    return (
      (latencyUs.service?.count ?? 0) === 0 && connect + cutOff + protocol > 0 && ended !== 'interrupted'
    );
  }

  #onWindow(window: LoadWindow, latencyUs: LoadLatency, soFar: Tally, byName: () => NamedWindow[]): void {
    if (window.phase === 'warmup') {
      // Leaves out what the warm-up used.
      this.#samples.splice(0, this.#samples.length - 1);
      this.#cpuAtStart = process.cpuUsage();
    }
    this.#host.onWindow?.(window, latencyUs, byName);
    if (window.phase === 'warmup' || this.#plan.abortOn.length === 0 || this.#collector.isComplete) return;
    const durationMs = window.atMs + window.durationMs - this.#plan.warmup;
    // Requests in flight have no outcome yet: with their number the counts add up.
    const measures = {
      durationMs,
      counts: { ...countsOf(soFar, soFar.unaccounted) },
      bytes: bytesOf(soFar),
      rate: rateOf(soFar, durationMs),
      latencyUs: latenciesOf(soFar),
      byName: byNameOf(this.#namesToWatch(), durationMs),
      iterations: this.#iterations(),
      channel: channelOf(this.#plan, this.#collector),
      resources: resourcesOf(this.#samples),
    };
    if (abortingThresholds(this.#plan.abortOn, measures).length === 0) return;
    this.#measuredAtAbort = measures;
    this.#stop('aborted');
  }

  /** Those under way have no outcome yet. */
  #iterations(): LoadResult['iterations'] {
    const { iterations } = this.#collector;
    return this.#plan.scenario === null ? null : iterationsOf(iterations, iterations.unaccounted);
  }

  /** Those that conditions of `abortOn` name. */
  #namesToWatch(): NamedTally[] {
    const watched = this.#plan.abortOn.map(({ name }) => name);
    return this.#collector.named.filter(({ name }) => watched.includes(name));
  }

  async #judge(): Promise<LoadResult<LoadFinding>> {
    const plan = this.#plan;
    const collector = this.#collector;
    const cpu = process.cpuUsage(this.#cpuAtStart);
    const unjudged = describe(plan, this.#host, collector, this.#samples, (cpu.user + cpu.system) / 1000);
    const { busiest } = collector.activity;
    const departure = Number.isNaN(this.#toldAt)
      ? undefined
      : mergeDepartures(collector.departures, this.#toldAt, this.#startedAt);
    const { reasons: doubts, isLate } = saturation({
      mode: plan.model.type,
      busiest,
      durationMs: collector.durationMs,
      latency: unjudged.latencyUs,
      lateUs: collector.total.pace.count === 0 ? 0 : collector.total.pace.valueAt(0.99),
      scheduled: unjudged.counts.scheduled,
      neverSent: unjudged.counts.neverSent - (departure?.refused ?? 0),
      inFlightAtEnd: unjudged.counts.inFlightAtEnd,
      slots: slotsOf(plan),
    });
    const fidelity = fidelityOf(plan, isLate, collector.isOvertime);
    const thresholds = plan.thresholds.map((threshold) => evaluateThreshold(threshold, unjudged, fidelity));
    const result: Unjudged = {
      ...unjudged,
      ...(departure === undefined ? {} : { departure }),
      thresholds,
      generator: { ...unjudged.generator, saturated: doubts.length > 0 },
    };
    const findings = judgeLoad(result, plan, {
      ...{ fidelity, doubts },
      ...{ leftOfWarmup: collector.leftOfWarmup, slowPatterns: collector.slowPatterns },
      ...{ preparation: collector.preparation, broken: collector.broken },
      interruptedBy: interruptionOf(this.#host.signal),
      speaksTls: this.#isUnheard(result) && (await speaksTls(plan)),
    });
    if (this.#measuredAtAbort !== undefined)
      findings.push(...abortingThresholds(plan.abortOn, this.#measuredAtAbort, fidelity));
    const saved = this.#save(findings);
    return { ...result, saved, verdict: verdictOf(findings), findings };
  }

  /** Saves failures where that is asked for, and reports what could not be saved. */
  #save(findings: LoadFinding[]): LoadResult['saved'] {
    const { saveFailures: folder, target } = this.#plan;
    if (folder === null) return null;
    const { kept } = this.#collector;
    const { files, trouble } = saveFailures(folder, kept, target.url);
    if (trouble !== undefined)
      findings.push({
        code: 'failures-not-saved',
        message: `only ${files} of ${plural(Math.min(kept.length, MOST_SAVED), 'failure')} could be saved in ${folder}: ${trouble}`,
      });
    return { folder, files };
  }
}

const channelOf = ({ channel }: LoadPlan, { channels }: Collector): LoadResult['channel'] =>
  channel === null ? null : channelResult(channels, { type: channel.type, unit: unitOf(channel) });

const slotsOf = ({ model, pipelining, scenario }: LoadPlan): number =>
  scenario?.users ?? model.connections * pipelining;

const fidelityOf = (plan: LoadPlan, isLate: boolean, isOvertime: boolean): Fidelity => ({
  mode: plan.model.type,
  slots: slotsOf(plan),
  hasUsers: plan.scenario !== null,
  endedByClock: plan.limit.type === 'duration',
  patienceUs: Math.min(plan.timeouts.connect, plan.timeouts.response) * 1000,
  isLate,
  isOvertime,
});

/** The numbers of each name; of users, only the names that they send in that part. */
function namesOf({ requests, scenario }: LoadPlan, collector: Collector): LoadByName[] {
  const { named, before, durationMs, offeredMs, preparation } = collector;
  const load = byNameOf(named, durationMs, offeredMs);
  if (scenario === null) return load;
  const { places, names } = seriesOf(requests);
  const has = (steps: readonly LoadStep[], name: string): boolean =>
    steps.some(({ request }) => names[places[request] ?? -1] === name);
  const { steps, onStatus } = scenario;
  const detours = onStatus.flatMap((each) => each.steps);
  const preparing = byNameOf(before, preparation?.durationMs ?? 0, undefined, 'before');
  return [
    ...preparing.filter(({ name }) => has(scenario.before, name)),
    ...load.filter(({ name, counts }) => {
      const isSure = scenario.order !== 'function' && has(steps, name);
      const isPossible = scenario.order === 'function' || has(detours, name);
      return isSure || (isPossible && counts.scheduled > 0);
    }),
  ];
}

function describe(
  plan: LoadPlan,
  host: LoadHost,
  collector: Collector,
  samples: readonly TargetSample[],
  cpuMs = 0,
): Unjudged {
  const { total, durationMs, windows } = collector;
  const { spinShare } = collector.activity;
  return {
    version: host.version,
    target: shownUrl(plan.target.url, plan.channel),
    mode: plan.model.type,
    durationMs,
    ended: collector.ended,
    counts: countsOf(total),
    bytes: bytesOf(total),
    rate: rateOf(total, durationMs, collector.offeredMs),
    latencyUs: latenciesOf(total),
    byName: namesOf(plan, collector),
    iterations: plan.scenario === null ? null : iterationsOf(collector.iterations),
    channel: channelOf(plan, collector),
    windows,
    generator: {
      // How much CPU time the spinning got is unknown, so it counts with its share of the time.
      cpuMs: cpuMs * (1 - spinShare),
      spinMs: cpuMs * spinShare,
      threads: plan.workers,
      saturated: false,
      maxLoopLagMs: longestLag(windows),
    },
    resources: resourcesOf(samples),
    failures: collector.failures,
    saved: null,
    checkEvery: plan.checkEvery,
    seed: plan.seed,
    thresholds: [],
    capacity: null,
  };
}
