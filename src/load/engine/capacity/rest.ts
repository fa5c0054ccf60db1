/** Sees that the target is at rest before a level: a queue of the level before would be counted against this one. */
import type { LoadPlan, LoadResult } from '../../../core/load.ts';
import { ms } from '../../../core/units.ts';
import type { LoadFinding } from '../../findings.ts';
import { type LoadHost, runLoad } from '../run.ts';

/** A look at the target at rest: so many requests one after the other, in so many milliseconds at most. */
const REQUESTS = 20;
const LOOKED_FOR = 3000;
/** How long a target may take to recover, and the pause between looks at it. */
const RECOVERY = 30_000;
const PAUSE = 250;
/** At first a target is looked at until it gets no faster by more than this share: many must warm up. */
const FASTER = 0.9;
const MOST_ROUNDS = 5;
/** It has recovered if half of its answers take at most so many times as long as they did, and this many microseconds more. */
const AS_BEFORE = 2;
const SLACK = 1000;

const pause = (span: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, span));

const medianOf = ({ latencyUs }: LoadResult): number => latencyUs.response?.p50 ?? Number.POSITIVE_INFINITY;

/** `gone`: it does not answer, or fails. `slow`: it answers, but still slower than before. */
export type Rest = 'at-rest' | 'slow' | 'gone';

export class RestWatch {
  readonly #plan: LoadPlan;
  readonly #host: LoadHost;
  #unloaded: LoadResult | undefined;

  /** @param plan whose requests are sent */
  constructor(plan: LoadPlan, host: LoadHost) {
    const model = { type: 'closed', connections: 1, stages: [] } as const;
    const limit = { type: 'requests', requests: REQUESTS } as const;
    const scenario = plan.scenario === null ? null : { ...plan.scenario, users: 1 };
    this.#plan = { ...plan, model, limit, scenario, warmup: ms(0), workers: 1, abortOn: [] };
    this.#host = host;
  }

  /** How long nearly all answers take at rest, in milliseconds. */
  get unloadedMs(): number {
    return (this.#unloaded?.latencyUs.response?.p99 ?? 0) / 1000;
  }

  /** @param within milliseconds */
  async #look(within: number): Promise<LoadResult<LoadFinding>> {
    const { version, signal } = this.#host;
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), within);
    const ends = signal === undefined ? control.signal : AbortSignal.any([signal, control.signal]);
    try {
      return await runLoad(this.#plan, { version, signal: ends });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Looks at the target before anything else is sent to it. */
  async begin(): Promise<LoadResult<LoadFinding>> {
    const { connect, response } = this.#plan.timeouts;
    let last = await this.#look(connect + response);
    for (let round = 1; round < MOST_ROUNDS; round += 1) {
      const before = medianOf(last);
      if (before === Number.POSITIVE_INFINITY) break;
      last = await this.#look(connect + response);
      if (medianOf(last) > before * FASTER) break;
    }
    this.#unloaded = last;
    return last;
  }

  #isAsBefore({ counts, latencyUs }: LoadResult): boolean {
    const before = this.#unloaded;
    if (before === undefined || latencyUs.response === null) return false;
    const failed = (of: LoadResult['counts']): number => of.failed + of.timedOut;
    if (failed(counts) > 0 && failed(before.counts) === 0) return false;
    const usual = Math.max(AS_BEFORE * medianOf(before), before.latencyUs.response?.p99 ?? 0);
    return latencyUs.response.p50 <= usual + SLACK;
  }

  /** Waits, for a limited time, until the target answers as before. */
  async recover(): Promise<Rest> {
    const until = performance.now() + RECOVERY;
    for (;;) {
      const look = await this.#look(Math.max(LOOKED_FOR, AS_BEFORE * this.unloadedMs));
      if (this.#host.signal?.aborted === true || this.#isAsBefore(look)) return 'at-rest';
      if (performance.now() >= until) return look.counts.completed > 0 ? 'slow' : 'gone';
      await pause(PAUSE);
    }
  }
}
