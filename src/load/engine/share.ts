/** One part of a load whose other parts are sent elsewhere, all from an agreed time on. */
import type { LoadPlan } from '../../core/load.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { whyUndivided } from '../../core/undivided.ts';
import { Course } from '../merge/course.ts';
import type { LoadPart, LoadReport, PartReport } from '../merge/report.ts';
import { type Windows, windowText } from '../merge/windows.ts';
import type { Tally } from '../tally/tally.ts';
import { asText } from '../tally/text.ts';
import { slotsOf } from './conclude.ts';
import { wall } from './departure.ts';
import { latencyOf } from './measure/latency.ts';
import { longestLag } from './measure/machine.ts';
import type { Ended } from './reports.ts';
import { resolveTarget } from './resolve.ts';
import { shareOf } from './schedule/closed.ts';
import { Sending } from './sending.ts';

export interface ShareHost {
  /** Shakedown's version, for the User-Agent. */
  readonly version: string;
  /** Called, ahead of the load, when more users are prepared than before: so many. */
  readonly onPreparing?: (isIn: number) => void;
}

/** A part of a load that waits for its start. */
export interface PreparedShare {
  /** How many users are prepared; null without users. */
  readonly isIn: number | null;
  /** The earliest time that it can still keep if it is told now, in milliseconds since 1970 by the clock of this machine. */
  readonly soonest: () => number;
  /**
   * Sends it.
   *
   * @param startAt when the load begins, likewise; after that it is late, which the report says
   * @returns what was measured, once it has ended
   */
  readonly drive: (startAt: number) => Promise<LoadReport>;
  /**
   * What has been measured up to the last whole second.
   *
   * @param latest how many of the latest windows are wanted, 60 at most
   */
  readonly soFar: (latest: number) => LoadReport;
  /** Sends nothing more, also if it has not begun. */
  readonly stop: (reason: Ended) => void;
  /** Ends it as if it had come to its limit, once it has begun. */
  readonly end: () => void;
}

/** A start is late if it is missed by more than the generator notices, in milliseconds. */
const NOTICED = 10;

class Share {
  readonly #plan: LoadPlan;
  readonly #part: LoadPart;
  readonly #sending: Sending;
  readonly #course = new Course();
  #lateMs = 0;
  #isFinal = false;
  readonly ready: Promise<number>;

  constructor(plan: LoadPlan, part: LoadPart, { version, onPreparing }: ShareHost) {
    this.#plan = plan;
    this.#part = part;
    let onReady: (isIn: number) => void = () => {};
    const ready = new Promise<number>((resolve) => {
      onReady = resolve;
    });
    this.#sending = new Sending(plan, part, {
      ...{ version, onPreparing, onReady, sampleTarget: () => null, isFree: false },
      onWindow: ({ window, tally }) => {
        const phaseAtMs = window.phase === 'warmup' ? 0 : plan.warmup;
        this.#course.add(windowText({ window, tally, phaseAtMs }));
      },
    });
    // One that is stopped before it is ready never will be.
    this.ready = Promise.race([ready, this.#sending.done.then(() => 0)]);
  }

  get prepared(): Omit<PreparedShare, 'isIn'> {
    return {
      soonest: () => this.#sending.soonest,
      drive: (startAt) => this.#drive(startAt),
      soFar: (latest) => this.#report(this.#course.latest(latest)),
      stop: (reason) => this.#sending.stop(reason),
      end: () => this.#sending.end(),
    };
  }

  async #drive(startAt: number): Promise<LoadReport> {
    const missed = wall(performance.now()) - startAt;
    this.#lateMs = missed > NOTICED ? missed : 0;
    this.#sending.start(startAt);
    await this.#sending.done;
    this.#isFinal = true;
    return this.#report(this.#course.whole);
  }

  #report(windows: Windows): LoadReport {
    const { measured } = this.#sending;
    const { iterations, preparation, leftOfWarmup, isOvertime, slowPatterns, offeredMs, departure } =
      measured;
    const hasUsers = this.#plan.scenario !== null;
    return {
      parts: [this.#partReport()],
      total: asText(measured.total.snapshot()),
      named: measured.named.map(({ tally }) => asText(tally.snapshot())),
      before: hasUsers ? measured.before.map(({ tally }) => asText(tally.snapshot())) : [],
      preparation: preparation && {
        durationMs: preparation.durationMs,
        failures: preparation.failures,
        lockedOut: preparation.lockedOut,
      },
      iterations: hasUsers ? asText(iterations.snapshot()) : null,
      channel: this.#plan.channel === null ? null : asText(measured.channels.snapshot()),
      windows,
      failures: measured.failures,
      departures: departure === undefined ? [] : [{ part: this.#part.part, ...departure }],
      ...{ offeredMs, leftOfWarmup, isOvertime, slowPatterns, shortened: 0 },
    };
  }

  #partReport(): PartReport {
    const { measured, cpuMs } = this.#sending;
    const { total, windows, activity, ended } = measured;
    const { scheduled, completed, failed, timedOut, neverSent, inFlightAtEnd, service, pace } = total;
    const last = windows.at(-1);
    const soFarMs = last === undefined ? 0 : Math.max(0, last.atMs + last.durationMs - this.#plan.warmup);
    return {
      ...{
        part: this.#part.part,
        of: this.#part.parts,
        threads: this.#plan.workers,
        isFinal: this.#isFinal,
        ended,
      },
      durationMs: this.#isFinal ? measured.durationMs : soFarMs,
      ...{ lateMs: this.#lateMs, cpuMs, ...activity, maxLoopLagMs: longestLag(windows) },
      slots: slotsOfPart(this.#plan, this.#part),
      ...{ scheduled, completed, failed, timedOut, neverSent, inFlightAtEnd, answered: service.count },
      serviceUs: serviceOf(total),
      paceUs: pace.count === 0 ? 0 : pace.valueAt(0.99),
    };
  }
}

function serviceOf({ service, unserved }: Tally): PartReport['serviceUs'] {
  const latency = latencyOf(service, unserved);
  if (latency === null) return null;
  const { count, p50, p99, atLeast } = latency;
  return { count, p50, p99, atLeast };
}

const slotsOfPart = (plan: LoadPlan, { part, parts }: LoadPart): number =>
  shareOf(slotsOf(plan), { worker: part, workers: parts });

/**
 * Prepares a part of a load: with its users, if it has any, and all that can be done ahead of the start.
 *
 * @param plan of the whole load, but for the threads, which are those of each machine
 * @returns what waits for its start; or why that cannot be
 */
export async function prepareShare(
  plan: LoadPlan,
  part: LoadPart,
  host: ShareHost,
): Promise<Result<PreparedShare, string>> {
  const because = whyUndivided(plan, plan.target, part.parts);
  if (because !== undefined) return err(because);
  const target = await resolveTarget(plan.target);
  if (!target.ok) return err(target.error);
  const share = new Share({ ...plan, target: target.value }, part, host);
  const isIn = await share.ready;
  return ok({ ...share.prepared, isIn: plan.scenario === null ? null : isIn });
}
