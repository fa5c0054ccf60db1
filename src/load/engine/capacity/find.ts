/** Finds the highest rate at which the conditions hold, by sending one rate after another. */
import {
  type CapacityEnd,
  type LevelTimes,
  LOOK,
  type LoadCapacity,
  type LoadLevel,
  longestSearch,
} from '../../../core/capacity.ts';
import type { LatencyMeasures, LoadFindRate, LoadPlan, LoadResult } from '../../../core/load.ts';
import { interruptionOf } from '../../../core/stop-reason.ts';
import { showMeasure } from '../../../core/threshold.ts';
import { formatDuration, type Ms, ms } from '../../../core/units.ts';
import { type LoadFinding, verdictOf } from '../../findings.ts';
import { resolveTarget } from '../resolve.ts';
import { type LoadHost, runLoad } from '../run.ts';
import { evaluateCapacity, judgeCapacity } from './judge.ts';
import { LossWatch } from './loss.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { RestWatch } from './rest.ts';
import { type Interval, intervalOf, isLimited, nextTrial, Scale, type Trial } from './search.ts';

type Result = LoadResult<LoadFinding>;

/**
 * @param plan whose model is an open one
 * @returns the figures of the highest rate that held, with the capacity, and the verdict on the search
 */
export async function findRate(plan: LoadPlan, range: LoadFindRate, host: LoadHost): Promise<Result> {
  const target = await resolveTarget(plan.target);
  // One that does not resolve is told by the first load.
  return new RateSearch(target.ok ? { ...plan, target: target.value } : plan, range, host).run();
}

class RateSearch {
  readonly #plan: LoadPlan;
  /** The plan of a level, but for its rate. */
  readonly #level: LoadPlan;
  readonly #range: LoadFindRate;
  readonly #host: LoadHost;
  readonly #scale: Scale;
  readonly #rest: RestWatch;
  readonly #startedAt = performance.now();
  readonly #longest: Ms;
  readonly #trials: Trial[] = [];
  readonly #levels: LoadLevel[] = [];
  /** The last result of each rate; that of a measurement stays. */
  readonly #results = new Map<number, Result>();
  #lostAfter: string | undefined;

  constructor(plan: LoadPlan, range: LoadFindRate, host: LoadHost) {
    this.#plan = plan;
    this.#level = { ...plan, findRate: null, thresholds: range.conditions, abortOn: [] };
    this.#range = range;
    this.#host = host;
    this.#scale = new Scale(range);
    this.#rest = new RestWatch({ ...this.#level, thresholds: [] }, host);
    const { limit } = plan;
    this.#longest = longestSearch(range, limit.type === 'duration' ? limit.duration : ms(0), plan.warmup);
  }

  async run(): Promise<Result> {
    const unloaded = await this.#rest.begin();
    if (unloaded.counts.completed === 0)
      return { ...unloaded, mode: 'open', capacity: this.#capacity('target-lost', intervalOf([])) };
    const ended = await this.#search();
    const interval = intervalOf(this.#trials);
    const shown = this.#results.get((interval.low ?? interval.high)?.step ?? Number.NaN) ?? unloaded;
    return this.#judge(shown, this.#capacity(ended, interval));
  }

  get #isStopped(): boolean {
    return this.#host.signal?.aborted === true;
  }

  async #search(): Promise<CapacityEnd> {
    for (;;) {
      if (this.#isStopped) return 'interrupted';
      const next = nextTrial(this.#scale, this.#trials);
      if (next === 'done') return 'found';
      if (performance.now() - this.#startedAt > this.#longest) return 'out-of-time';
      const level = await this.#measure(next);
      if (level === undefined) return 'interrupted';
      if (level.outcome !== 'held' && !(await this.#recovers(level))) return 'target-lost';
    }
  }

  async #recovers({ rate }: LoadLevel): Promise<boolean> {
    const from = performance.now();
    const rest = await this.#rest.recover();
    if (rest === 'at-rest') return true;
    const what = rest === 'gone' ? 'the target answers no more' : 'the target is still slower than before';
    const span = formatDuration(performance.now() - from);
    this.#lostAfter = `${what}, ${span} after ${showMeasure(rate, 'per-second')} were sent to it`;
    return false;
  }

  /** @returns undefined if it was interrupted */
  async #measure({ step, isLook }: Pick<Trial, 'step' | 'isLook'>): Promise<LoadLevel | undefined> {
    const rate = this.#scale.rateOf(step);
    const atMs = performance.now() - this.#startedAt;
    this.#host.onLevelStart?.(rate, isLook);
    const { result, lost } = await this.#send(rate, isLook, atMs);
    if (this.#isStopped && lost === undefined) return undefined;
    const outcome = outcomeOf(result, lost);
    const level = { rate, isLook, ...outcome, atMs, ...describe(result) };
    this.#trials.push({ step, isLook, outcome: outcome.outcome });
    this.#levels.push(level);
    if (!isLook || !this.#trials.some((trial) => trial.step === step && !trial.isLook))
      this.#results.set(step, result);
    this.#host.onLevel?.(level);
    return level;
  }

  /**
   * So many requests, not for so long: what is in flight at the end is waited for. A percentile is then known exactly, even
   * where a response takes longer than a load with a time limit would wait.
   */
  #requestsAt(rate: number, share: number): number {
    const { limit, workers } = this.#level;
    const duration = limit.type === 'duration' ? limit.duration : 0;
    return Math.max(workers, Math.round((rate * duration * share) / 1000));
  }

  #planAt(rate: number, requests: number, share: number): LoadPlan {
    const { model, warmup, seed } = this.#level;
    return {
      ...this.#level,
      model: model.type === 'open' ? { ...model, rate } : model,
      limit: { type: 'requests', requests },
      warmup: ms(warmup * share),
      // A repeat with the same arrivals would repeat their luck.
      seed: (seed + this.#trials.length) % 2 ** 32,
    };
  }

  async #send(
    rate: number,
    isLook: boolean,
    atMs: number,
  ): Promise<{ result: Result; lost: string | undefined }> {
    const share = isLook ? LOOK : 1;
    const requests = this.#requestsAt(rate, share);
    const plan = this.#planAt(rate, requests, share);
    const { signal, onWindow, ...host } = this.#host;
    const control = new AbortController();
    const watch = new LossWatch(plan, rate, requests, this.#range.conditions, this.#rest.unloadedMs);
    let lost: string | undefined;
    const result = await runLoad(plan, {
      ...host,
      signal: signal === undefined ? control.signal : AbortSignal.any([signal, control.signal]),
      onWindow: (window, latencyUs, byName) => {
        onWindow?.({ ...window, atMs: window.atMs + atMs }, latencyUs, byName);
        if (control.signal.aborted || signal?.aborted === true) return;
        lost = watch.take(window, latencyUs);
        if (lost !== undefined) control.abort();
      },
    });
    return { result, lost };
  }

  #capacity(ended: CapacityEnd, { low, high, isConfirmed }: Interval): LoadCapacity {
    const rateOf = (step: number | undefined): number | null =>
      step === undefined ? null : this.#scale.rateOf(step);
    const isGenerator = high !== undefined && isLimited(high);
    return {
      holds: rateOf(low?.step),
      // What the generator could not send says nothing about the target.
      fails: isGenerator ? null : rateOf(high?.step),
      atLeast: low !== undefined && (high === undefined || isGenerator),
      limitedBy: isGenerator ? 'generator' : high === undefined ? 'range' : 'target',
      confirmed: ended === 'found' && isConfirmed,
      ended,
      while: this.#range.conditions.map(({ text }) => text),
      levels: this.#levels,
    };
  }

  #judge(shown: Result, capacity: LoadCapacity): Result {
    const { thresholds } = this.#plan;
    const findings = judgeCapacity(thresholds, capacity, {
      lostAfter: this.#lostAfter,
      interruptedBy: interruptionOf(this.#host.signal),
    });
    return {
      ...shown,
      mode: 'open',
      // A level that was lost early was interrupted by the search itself.
      ended: shown.ended === 'interrupted' && !this.#isStopped ? 'aborted' : shown.ended,
      seed: this.#plan.seed,
      thresholds: evaluateCapacity(thresholds, capacity),
      capacity,
      verdict: verdictOf(findings),
      findings,
    };
  }
}

const describe = ({
  durationMs,
  rate,
  counts,
  latencyUs,
}: Result): Omit<LoadLevel, keyof Outcome | 'rate' | 'isLook' | 'atMs'> => {
  const { response } = latencyUs;
  return {
    durationMs,
    achieved: rate.achieved,
    errors: counts.failed + counts.timedOut + counts.neverSent,
    responseUs: response === null ? null : timesOf(response),
  };
};

const timesOf = ({ p50, p99, max, atLeast }: LatencyMeasures): LevelTimes => ({ p50, p99, max, atLeast });
