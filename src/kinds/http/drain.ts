/** The deploy test: the server is told, in the middle of a load, to stop or to restart. */
import type { Clock } from '../../core/clock.ts';
import type { Finding } from '../../core/finding.ts';
import type { LoadPlan, LoadResult } from '../../core/load.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import { ms } from '../../core/units.ts';
import type { Departing } from '../../load/index.ts';
import type { Death, RunningService } from '../../process/service/service.ts';
import { idOf, type ProcessInfo } from '../../process/system/proc.ts';
import { servingOn } from '../../process/system/serving.ts';
import type { ComponentContext } from '../common/context.ts';
import type { Drain } from './component.ts';
import type { Conduct } from './conduct.ts';
import { diedOfRestart, judgeDrain } from './drain-judge.ts';
import { drainLines } from './drain-text.ts';

/** In milliseconds. */
const LOOK_EVERY = 20;
/** How long load goes on after a restart, and may go on after the end of the server. */
const AFTERWARDS = 1000;

type Service = Pick<
  RunningService,
  'spec' | 'port' | 'tell' | 'members' | 'exited' | 'untilEnded' | 'died' | 'explainDeath'
>;
type Context = Pick<ComponentContext, 'clock' | 'signal' | 'component' | 'emit'>;

export class DrainTest {
  readonly #drain: Drain;
  readonly #service: Service;
  readonly #context: Context;
  /** Aborts when the load is over. */
  readonly #over = new AbortController();
  #isTold = false;
  #course: Promise<Conduct | Death | undefined> = Promise.resolve(undefined);

  constructor(drain: Drain, service: Service, context: Context) {
    this.#drain = drain;
    this.#service = service;
    this.#context = context;
  }

  /** The load lasts until the server is gone. @param isFromAgents whether others send it, who have to know when that begins */
  planOf(plan: LoadPlan, isFromAgents = false): LoadPlan {
    const { after, within, isRestart } = this.#drain;
    const duration = ms(after + within + 2 * AFTERWARDS);
    return {
      ...plan,
      departure: isRestart ? 'restart' : 'stop',
      ...(isFromAgents ? { departureDueMs: plan.warmup + after } : {}),
      limit: { type: 'duration', duration },
    };
  }

  /** To be called when the load begins. */
  start(load: Departing, plan: LoadPlan): void {
    this.#course = this.#run(load, plan.warmup + this.#drain.after);
  }

  /** @returns what there is to say, as lines of text and as findings; once the load is over */
  async conclude(result: LoadResult): Promise<{ lines: readonly string[]; findings: readonly Finding[] }> {
    this.#over.abort();
    const conduct = await this.#course;
    if (conduct !== undefined && 'afterReadyMs' in conduct)
      return { lines: [], findings: [await this.#explain(conduct)] };
    const { departure } = result;
    if (conduct === undefined || departure === undefined) {
      const message = conduct === undefined ? NOT_TOLD : NOT_SEEN;
      return { lines: [], findings: [{ code: 'drain-unproven', message }] };
    }
    const facts = { drain: this.#drain, server: this.#service.spec.name, conduct, departure };
    const lines = drainLines(facts);
    return { lines, findings: judgeDrain(facts, lines) };
  }

  /** A server may die before it is told, or of being told to restart. */
  async #explain(death: Death): Promise<Finding> {
    const finding = await this.#service.explainDeath(death);
    const facts = { drain: this.#drain, server: this.#service.spec.name };
    return this.#isTold ? diedOfRestart(finding, death.exit, facts) : finding;
  }

  /** @returns undefined if the load was over before the server was told */
  async #run(load: Departing, after: number): Promise<Conduct | Death | undefined> {
    const { clock, signal } = this.#context;
    const service = this.#service;
    const cut = AbortSignal.any([signal, this.#over.signal]);
    const early = await Promise.race([pause(after, clock, cut), service.died]);
    if (early !== undefined) {
      load.end();
      return early;
    }
    const before = this.#drain.isRestart ? this.#serving() : [];
    // A thread that has ended answers no more.
    if (!cut.aborted) await untilAborted(load.leave(), cut);
    if (cut.aborted) return undefined;
    const toldAt = clock.now();
    const told = service.tell(this.#drain.signal);
    this.#isTold = true;
    const { component, emit } = this.#context;
    emit({ type: 'service-told', component, service: service.spec.name, signal: this.#drain.signal });
    const base = {
      told: told === undefined ? service.spec.name : `${service.spec.name} (pid ${told.pid})`,
      afterMs: after,
    };
    const elapsed = (): number => clock.now() - toldAt;
    return this.#drain.isRestart
      ? this.#untilRestarted(load, { base, before: before.filter(({ pid }) => pid !== told?.pid), elapsed })
      : this.#untilStopped(load, base, elapsed);
  }

  #serving(): ProcessInfo[] {
    const { port } = this.#service;
    return port === null ? [] : servingOn(port, this.#service.members());
  }

  async #untilStopped(load: Departing, base: Base, elapsed: () => number): Promise<Conduct> {
    const { clock, signal } = this.#context;
    let exit: Conduct['exit'] = null;
    if (!this.#service.spec.daemon)
      void this.#service.exited.then((how) => {
        exit = { exit: how, atMs: elapsed() };
      });
    const hasEnded = await this.#service.untilEnded(this.#drain.within, signal);
    const doneMs = elapsed();
    // Clients still have to read what the server has sent.
    if (hasEnded) clock.after(AFTERWARDS, () => load.end(), false);
    else load.end();
    return { ...base, exit, doneMs: hasEnded ? doneMs : null, old: [], fresh: [] };
  }

  async #untilRestarted(load: Departing, { base, before, elapsed }: Restart): Promise<Conduct | Death> {
    const { clock, signal } = this.#context;
    const cut = AbortSignal.any([signal, this.#over.signal]);
    const olds = new Set(before.map(idOf));
    for (;;) {
      const serving = this.#serving();
      const living = new Set(this.#service.members().map(idOf));
      const old = before.filter((info) => living.has(idOf(info)));
      const fresh = serving.filter((info) => !olds.has(idOf(info)) && !base.told.endsWith(`${info.pid})`));
      const isDone = before.length > 0 && old.length === 0 && fresh.length > 0;
      const isLate = elapsed() >= this.#drain.within;
      if (isDone || isLate || cut.aborted) {
        const doneMs = isDone ? elapsed() : null;
        if (isDone) await pause(AFTERWARDS, clock, cut);
        load.end();
        return { ...base, exit: null, doneMs, old: before.length > 0 ? old : [], fresh };
      }
      const death = await Promise.race([pause(LOOK_EVERY, clock, cut), this.#service.died]);
      if (death === undefined) continue;
      load.end();
      return death;
    }
  }
}

type Base = Pick<Conduct, 'told' | 'afterMs'>;

interface Restart {
  readonly base: Base;
  /** Those that served before, without the one that was told. */
  readonly before: readonly ProcessInfo[];
  readonly elapsed: () => number;
}

const NOT_TOLD = 'the load was over before the server was told to stop';
/** Of a load from agents that cannot be asked any more. */
const NOT_SEEN = 'the server was told to stop, and what its clients saw of that is not known';

function pause(span: number, clock: Clock, cut: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      cut.removeEventListener('abort', done);
      resolve(undefined);
    };
    const cancel = clock.after(span, done);
    if (cut.aborted) done();
    else cut.addEventListener('abort', done);
  });
}
