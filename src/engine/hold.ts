/**
 * Holds services until told to end: what `shakedown up` and the library do, in place of running components. The course of a
 * plan made by `planHold`:
 *
 *   const plan = planHold(suite, ['api']);           // or [] for all; may be refused
 *   const hold = new Hold({ isWhole: true });
 *   const end = runPlan(plan.value, host, hold.course);
 *   const ready = await Promise.race([hold.ready, end]);   // `end` first if the setup failed, or nothing could be run
 *   …                                                // hold.ready: addresses, and why what is missing is missing
 *   hold.end();                                      // or `host.control.stop` aborts
 *   const { verdict, exitCode } = await end;         // nothing is left; 0 unless something failed and stayed down
 *
 * Ownership, logs, watchdog, journal and signals are those of any run. Its events tell the rest: `shared-started`,
 * `service-ready`, `shared-finished` with the findings.
 */
import type { Address } from '../core/address.ts';
import type { Finding } from '../core/finding.ts';
import { untilAborted } from '../core/stop-reason.ts';
import { openOrders, settleOrder } from '../store/orders.ts';
import type { Course, PreparedRun } from './course.ts';
import type { Kept } from './shared/pool.ts';

export interface HoldOptions {
  /** All of them or nothing: if one does not become ready, the others are ended as well. */
  readonly isWhole?: boolean;
  /** When nothing is up any more, that is the end: nobody is there who could start one again. */
  readonly endsWithLast?: boolean;
}

/** Each has become ready, or never will. */
export interface Held {
  /** Of those that are ready, by name; null where there is none, as of a task. */
  readonly services: ReadonlyMap<string, { readonly address: Address | null; readonly pid: number | null }>;
  /** Why the others are not; none if the run was ended meanwhile. */
  readonly lacking: readonly Finding[];
  /** Whether all are ready. */
  readonly isWhole: boolean;
}

/** In milliseconds. */
const LOOK_EVERY = 250;

/**
 * Looks after the folder of the run, by which others find what is held. Someone may remove it, `git clean -fdx` for one, and here
 * nothing may happen for hours that would restore it. Others also leave orders there.
 *
 * @param carryOut gets the name of a service that is to be ended; the order stays while it returns false
 * @returns ends it
 */
function attend(
  { directory, clock }: PreparedRun['run'],
  carryOut: (name: string) => Promise<boolean>,
): () => void {
  const begun = new Set<string>();
  const obey = async (name: string): Promise<void> => {
    begun.add(name);
    if (!(await carryOut(name))) return;
    settleOrder(directory.path, name);
    begun.delete(name);
  };
  let disarm = (): void => {};
  const arm = (): void => {
    disarm = clock.after(
      LOOK_EVERY,
      () => {
        directory.restore();
        for (const name of openOrders(directory.path)) if (!begun.has(name)) void obey(name);
        arm();
      },
      false,
    );
  };
  arm();
  return () => disarm();
}

export class Hold {
  /** Resolves when each is ready, or never will be. Never, if the run ends before: in its setup, for one. */
  readonly ready: Promise<Held>;
  /** Resolves with why the first of them failed after it was ready. */
  readonly broken: Promise<Finding>;
  readonly #options: HoldOptions;
  readonly #end = new AbortController();
  readonly #up = new Set<string>();
  /** The last order for each: the next one waits for it. */
  readonly #orders = new Map<string, Promise<unknown>>();
  #isStarted = false;
  #prepared: PreparedRun | undefined;
  #onReady: (held: Held) => void = () => {};
  #onBroken: (finding: Finding) => void = () => {};

  constructor(options: HoldOptions = {}) {
    this.#options = options;
    this.ready = new Promise((resolve) => {
      this.#onReady = resolve;
    });
    this.broken = new Promise((resolve) => {
      this.#onBroken = resolve;
    });
  }

  /** For `runPlan`. */
  readonly course: Course = async (prepared) => {
    this.#prepared = prepared;
    // If it was the last, the end of the run is the answer.
    const leave = attend(prepared.run, async (name) => {
      await this.stop(name);
      return !this.#end.signal.aborted;
    });
    try {
      await this.#hold(prepared.run);
    } finally {
      leave();
    }
  };

  async #hold({ plan, control }: PreparedRun['run']): Promise<void> {
    const held = await this.#startAll(plan.holds ?? []);
    this.#isStarted = true;
    this.#onReady(held);
    if (this.#options.isWhole === true && !held.isWhole) return;
    if (this.#options.endsWithLast === true && this.#up.size === 0) return;
    await untilAborted(untilAborted(new Promise<never>(() => {}), this.#end.signal), control.stop);
  }

  async #startAll(names: readonly string[]): Promise<Held> {
    const started = await Promise.all(
      names.map(async (name) => ({ name, kept: await this.#inTurn(name, () => this.#start(name)) })),
    );
    const services = new Map<string, { address: Address | null; pid: number | null }>();
    const lacking: Finding[] = [];
    for (const { name, kept } of started) {
      if (kept === undefined) continue;
      if ('lacking' in kept) lacking.push(...(kept.lacking === undefined ? [] : [kept.lacking]));
      else services.set(name, { address: kept.address, pid: kept.pid });
    }
    const distinct = lacking.filter(
      ({ message }, index) => lacking.findIndex((other) => other.message === message) === index,
    );
    return { services, lacking: distinct, isWhole: services.size === names.length };
  }

  /** Starts one once more: on its former port, if that is free. What needs it goes on. */
  async restart(name: string): Promise<void> {
    await this.#drop(name);
    await this.#inTurn(name, () => this.#start(name));
  }

  /** Ends one alone, also while it is starting: what needs it goes on. */
  async stop(name: string): Promise<void> {
    await this.#drop(name);
    this.#endIfLast();
  }

  async #drop(name: string): Promise<void> {
    await this.#prepared?.pool.end(name);
    this.#prepared?.active.delete(name);
    this.#up.delete(name);
  }

  /** Ends all, in order; then the run ends. */
  end(): void {
    this.#end.abort();
  }

  async #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#orders.get(name);
    const order = (async () => {
      await before;
      return work();
    })();
    this.#orders.set(name, order);
    return order;
  }

  async #start(name: string): Promise<Kept | { readonly lacking: Finding | undefined } | undefined> {
    const { run, pool, active } = this.#prepared ?? {};
    if (run === undefined || pool === undefined || run.control.stop.aborted || this.#end.signal.aborted)
      return undefined;
    active?.add(name);
    const ended = untilAborted(pool.keep(name), AbortSignal.any([run.control.stop, this.#end.signal]));
    const kept = await ended;
    if (kept === undefined || 'lacking' in kept) {
      active?.delete(name);
      return kept;
    }
    // A task leaves nothing that could be up.
    if (kept.pid !== null) this.#up.add(name);
    void kept.broken.then((finding) => this.#fell(name, finding));
    return kept;
  }

  #fell(name: string, finding: Finding): void {
    this.#onBroken(finding);
    this.#prepared?.active.delete(name);
    this.#up.delete(name);
    this.#endIfLast();
  }

  #endIfLast(): void {
    if (this.#options.endsWithLast === true && this.#up.size === 0 && this.#isStarted) this.end();
  }
}
