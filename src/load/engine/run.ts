/** Carries out a load plan, from this machine alone. */
import type { LoadLevel } from '../../core/capacity.ts';
import { MOST_SAVED } from '../../core/failure-files.ts';
import type {
  LoadLatency,
  LoadPlan,
  LoadResult,
  LoadWindow,
  NamedWindow,
  TargetSample,
} from '../../core/load.ts';
import type { Measured } from '../../core/metric.ts';
import { interruptionOf } from '../../core/stop-reason.ts';
import { plural } from '../../core/units.ts';
import { type LoadFinding, verdictOf } from '../findings.ts';
import { departureOf } from '../merge/departure.ts';
import { WHOLE } from '../merge/report.ts';
import { byNameOf, bytesOf, countsOf, type EndedWindow, iterationsOf, rateOf } from './collector.ts';
import { channelOf, conclude, describe } from './conclude.ts';
import { wall } from './departure.ts';
import { latenciesOf } from './measure/latency.ts';
import { longestLag, resourcesOf } from './measure/machine.ts';
import type { NamedTally } from './measurements.ts';
import { resolveTarget } from './resolve.ts';
import { saveFailures } from './save-failures.ts';
import { Sending, silentCollector } from './sending.ts';
import { abortingThresholds } from './threshold/evaluate.ts';

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
    const nothing = describe(plan, silentCollector(plan), {
      ...{ version: host.version, cpuMs: 0, threads: plan.workers, maxLoopLagMs: 0, samples: [] },
      ...{ departure: undefined, measuredAtAbort: undefined, interruptedBy: undefined },
    });
    return { ...nothing, verdict: 'failed', findings: [{ code: 'zero-work', message: target.error }] };
  }
  return new LoadRun({ ...plan, target: target.value }, host).result;
}

class LoadRun {
  readonly result: Promise<LoadResult<LoadFinding>>;
  readonly #plan: LoadPlan;
  readonly #host: LoadHost;
  readonly #sending: Sending;
  readonly #samples: TargetSample[] = [];
  /** The measurements at the moment when a condition of `abortOn` held. */
  #measuredAtAbort: Measured | undefined;
  /** When the target was told to leave, in milliseconds since 1970. */
  #toldAt = Number.NaN;

  constructor(plan: LoadPlan, host: LoadHost) {
    this.#plan = plan;
    this.#host = host;
    this.#sample();
    this.#sending = new Sending(plan, WHOLE, {
      ...{ version: host.version, isFree: true },
      onPreparing: host.onPreparing,
      onReady: (isIn) => this.#start(isIn),
      onWindow: (ended) => this.#onWindow(ended),
      sampleTarget: () => this.#sample(),
    });
    this.result = this.#run();
  }

  #sample(): TargetSample | null {
    const sample = this.#host.sampleTarget?.() ?? null;
    if (sample !== null) this.#samples.push(sample);
    return sample;
  }

  async #run(): Promise<LoadResult<LoadFinding>> {
    const { signal } = this.#host;
    const onAbort = (): void => this.#sending.stop('interrupted');
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    try {
      await this.#sending.done;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
    return await this.#judge();
  }

  #start(isIn: number): void {
    const sending = this.#sending;
    if (sending.isLocked(isIn)) {
      sending.stop('locked-out');
      return;
    }
    sending.start(sending.soonest);
    this.#host.onStart?.({ leave: () => this.#leave(), end: () => sending.end() });
  }

  async #leave(): Promise<number> {
    const inFlight = await this.#sending.leave();
    this.#toldAt = wall(performance.now());
    return inFlight;
  }

  #onWindow({ window, latencyUs, byName }: EndedWindow): void {
    // Leaves out what the warm-up used.
    if (window.phase === 'warmup') this.#samples.splice(0, this.#samples.length - 1);
    this.#host.onWindow?.(window, latencyUs, byName);
    const { measured } = this.#sending;
    if (window.phase === 'warmup' || this.#plan.abortOn.length === 0 || measured.isComplete) return;
    const durationMs = window.atMs + window.durationMs - this.#plan.warmup;
    const { total } = measured;
    // Requests in flight have no outcome yet: with their number the counts add up.
    const measures = {
      durationMs,
      counts: { ...countsOf(total, total.unaccounted) },
      bytes: bytesOf(total),
      rate: rateOf(total, durationMs),
      latencyUs: latenciesOf(total),
      byName: byNameOf(this.#namesToWatch(), durationMs),
      iterations: this.#iterations(),
      channel: channelOf(this.#plan, measured.channels),
      resources: resourcesOf(this.#samples),
    };
    if (abortingThresholds(this.#plan.abortOn, measures).length === 0) return;
    this.#measuredAtAbort = measures;
    this.#sending.stop('aborted');
  }

  /** Those under way have no outcome yet. */
  #iterations(): LoadResult['iterations'] {
    const { iterations } = this.#sending.measured;
    return this.#plan.scenario === null ? null : iterationsOf(iterations, iterations.unaccounted);
  }

  /** Those that conditions of `abortOn` name. */
  #namesToWatch(): NamedTally[] {
    const watched = this.#plan.abortOn.map(({ name }) => name);
    return this.#sending.measured.named.filter(({ name }) => watched.includes(name));
  }

  async #judge(): Promise<LoadResult<LoadFinding>> {
    const { measured, startedAt, cpuMs } = this.#sending;
    const departure =
      measured.departure === undefined || Number.isNaN(this.#toldAt)
        ? undefined
        : departureOf(measured.departure, this.#toldAt, startedAt);
    const result = await conclude(this.#plan, measured, {
      ...{
        version: this.#host.version,
        cpuMs,
        threads: this.#plan.workers,
        samples: this.#samples,
        departure,
      },
      maxLoopLagMs: longestLag(measured.windows),
      measuredAtAbort: this.#measuredAtAbort,
      interruptedBy: interruptionOf(this.#host.signal),
      generators: [],
    });
    return this.#save(result);
  }

  /** Saves failures where that is asked for, and reports what could not be saved. */
  #save(result: LoadResult<LoadFinding>): LoadResult<LoadFinding> {
    const { saveFailures: folder, target } = this.#plan;
    if (folder === null) return result;
    const { kept } = this.#sending.measured;
    const { files, trouble } = saveFailures(folder, kept, target.url);
    const unsaved: LoadFinding[] =
      trouble === undefined
        ? []
        : [
            {
              code: 'failures-not-saved',
              message: `only ${files} of ${plural(Math.min(kept.length, MOST_SAVED), 'failure')} could be saved in ${folder}: ${trouble}`,
            },
          ];
    const findings = [...result.findings, ...unsaved];
    return { ...result, saved: { folder, files }, verdict: verdictOf(findings), findings };
  }
}
