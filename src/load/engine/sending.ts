/** A load that threads of this machine send, all of it or a part, and what they have measured of it. */
import type { LoadPlan, TargetSample } from '../../core/load.ts';
import { seriesOf } from '../../core/series.ts';
import type { LoadPart } from '../merge/report.ts';
import { Collector, type CollectorHost } from './collector.ts';
import { wall } from './departure.ts';
import type { Ended } from './reports.ts';
import { withAgent } from './request/agent.ts';
import { type Senders, startSenders } from './threads.ts';

/** Who is told what happens meanwhile. */
export interface SendingHost {
  /** Shakedown's version, for the User-Agent. */
  readonly version: string;
  /** More users are prepared than before: so many. */
  readonly onPreparing?: ((isIn: number) => void) | undefined;
  /** All threads wait for the start. @param isIn how many users are prepared */
  readonly onReady: (isIn: number) => void;
  readonly onWindow: CollectorHost['onWindow'];
  readonly sampleTarget: () => TargetSample | null;
  /** Whether this thread has nothing else to do, and may send. */
  readonly isFree: boolean;
}

/** A collector that nobody has reported to. */
export const silentCollector = (
  { workers, requests, scenario }: LoadPlan,
  host: Pick<CollectorHost, 'onWindow' | 'sampleTarget'> = { onWindow: () => {}, sampleTarget: () => null },
): Collector =>
  new Collector({ workers, hasUsers: scenario !== null, names: seriesOf(requests).names, ...host });

export class Sending {
  readonly measured: Collector;
  /** Settled once all has been reported. */
  readonly done: Promise<void>;
  readonly #plan: LoadPlan;
  readonly #senders: Senders;
  #cpu = process.cpuUsage();
  /** In milliseconds since 1970; NaN until then. */
  #startedAt = Number.NaN;

  /** @param plan of the whole load; its target is an address already */
  constructor(plan: LoadPlan, part: LoadPart, host: SendingHost) {
    this.#plan = plan;
    this.measured = silentCollector(plan, {
      sampleTarget: host.sampleTarget,
      onWindow: (ended) => {
        // Leaves out what the warm-up used.
        if (ended.window.phase === 'warmup') this.#cpu = process.cpuUsage();
        host.onWindow(ended);
      },
    });
    const { promise, resolve, reject } = deferred();
    this.done = promise;
    const { measured } = this;
    this.#senders = startSenders(
      withAgent(plan, `shakedown-load/${host.version}`),
      part,
      {
        onPreparing: host.onPreparing,
        onReady: host.onReady,
        onWindow: (report) => measured.takeWindow(report),
        onEnd: (report) => {
          measured.takeFinal(report);
          if (measured.isComplete) resolve();
        },
      },
      reject,
      host.isFree,
    );
  }

  /** In milliseconds since 1970; NaN: it has not begun. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** CPU time of this process since the warm-up, in milliseconds. */
  get cpuMs(): number {
    const { user, system } = process.cpuUsage(this.#cpu);
    return (user + system) / 1000;
  }

  /** The first moment at which threads that are told now can send, in milliseconds since 1970. */
  get soonest(): number {
    return wall(performance.now()) + this.#senders.headstart;
  }

  /** @param at when, in milliseconds since 1970; to be called once all are ready */
  start(at: number): void {
    this.#startedAt = at;
    this.#senders.start(at);
  }

  /** Whether there is nobody to send anything. @param isIn how many users are prepared */
  isLocked(isIn: number): boolean {
    return this.#plan.scenario !== null && isIn === 0;
  }

  stop(reason: Ended): void {
    this.#senders.stop(reason);
  }

  leave(): Promise<number> {
    return this.#senders.leave();
  }

  end(): void {
    this.#senders.end();
  }
}

function deferred(): {
  promise: Promise<void>;
  resolve: () => void;
  reject: (error: unknown) => void;
} {
  let resolve: () => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<void>((onDone, onError) => {
    resolve = onDone;
    reject = onError;
  });
  return { promise, resolve, reject };
}
