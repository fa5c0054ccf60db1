/**
 * Linux child subreaper (prctl PR_SET_CHILD_SUBREAPER, since Linux 3.4): an orphaned descendant becomes our child
 * instead of init's, so all descendants can be found by their parents as long as we live. We must reap what we adopt:
 * Node waits only for its own children.
 *
 * The system call is made through `koffi`, an optional dependency.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../../core/clock.ts';
import { err, ok, type Result } from '../../../core/result.ts';
import { isHelper, isOwnChild } from '../../system/children.ts';
import { childrenOf, type ProcessInfo } from '../../system/proc.ts';
import type { Crowd } from '../crowd.ts';
import { type Ending, NOBODY } from '../ending.ts';
import type { ProcessFinder } from '../finder.ts';
import { endAll, THE_RUN } from '../terminate.ts';
import { Claims } from './claims.ts';
import type { Enclosure, Place, Tier } from './tier.ts';

const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;
const BURY_EVERY = 1000;

/** The system calls that it needs. */
interface System {
  /** @returns 0 on success */
  readonly prctl: (option: number, value: number, c: number, d: number, e: number) => number;
  readonly waitpid: (pid: number, status: null, options: number) => number;
  readonly getrlimit: (resource: number, limit: Partial<Limit>) => number;
  readonly setrlimit: (resource: number, limit: Limit) => number;
}

/** The soft and the hard limit; `rlim_t` has 64 bits wherever Node runs. */
interface Limit {
  readonly current: bigint | number;
  readonly most: bigint | number;
}

const RLIMIT_RSS = 5;

async function loadSystem(): Promise<Result<System, string>> {
  try {
    const { default: koffi } = await import('koffi');
    const libc = koffi.load(null);
    const limit = koffi.pointer(koffi.struct({ current: 'uint64', most: 'uint64' }));
    return ok({
      prctl: libc.func('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)'),
      waitpid: libc.func('int waitpid(int, int *, int)'),
      getrlimit: libc.func('getrlimit', 'int', ['int', koffi.out(limit)]),
      setrlimit: libc.func('setrlimit', 'int', ['int', limit]),
    });
  } catch (error) {
    return err(`the optional package koffi cannot be loaded: ${(error as Error).message.split('\n')[0]}`);
  }
}

/** Those that were adopted by us, so not for Node to reap. */
const adoptedIn = (crowd: Crowd): ProcessInfo[] =>
  crowd.childrenOf(process.pid).filter((info) => !isOwnChild(info.pid) && !isHelper(info));

export class SubreaperTier implements Tier {
  readonly name = 'subreaper';
  readonly #system: System;
  readonly #clock: Clock;
  readonly #burial: NodeJS.Timeout;
  readonly #claims = new Claims();
  #open = 0;

  private constructor(system: System, clock: Clock) {
    this.#clock = clock;
    this.#system = system;
    this.#burial = setInterval(() => this.#bury(), BURY_EVERY).unref();
  }

  /** @returns the tier, or why the machine does not permit it */
  static async create(clock: Clock): Promise<Result<SubreaperTier, string>> {
    const system = await loadSystem();
    if (!system.ok) return system;
    if (system.value.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) !== 0)
      return err('the kernel refuses PR_SET_CHILD_SUBREAPER');
    return ok(new SubreaperTier(system.value, clock));
  }

  #bury(): void {
    for (const { pid, state } of childrenOf(process.pid))
      if (state === 'Z' && !isOwnChild(pid)) this.#system.waitpid(pid, null, WNOHANG);
  }

  async open(of: string): Promise<Enclosure> {
    this.#open += 1;
    return {
      needsLimit: true,
      placeFor: () => this.#place(),
      close: async () => {
        this.#bury();
        this.#open -= 1;
        // While others run, their orphans cannot be told from those of this attempt.
        return this.#open === 0 ? this.#endAdopted(of) : NOBODY;
      },
    };
  }

  #place(): Place {
    let finder: ProcessFinder | undefined;
    return {
      admit: (asking, isHeld) => {
        finder = asking;
        this.#claims.add(asking, isHeld);
      },
      enter: (argv) => ({ argv, isWrapper: false }),
      // A hard limit could not be taken back. In a nested run, orphans that come to us need no mark.
      start: (spawn, limit) => (limit?.kind === 'soft' ? this.#under(limit.kib, spawn) : spawn()),
      strays: (crowd, isKnown) =>
        finder === undefined || this.#open > 1
          ? []
          : this.#claims.of(
              finder,
              adoptedIn(crowd).filter((info) => !isKnown(info)),
            ),
      leave: () => finder !== undefined && this.#claims.remove(finder),
    };
  }

  /** Starts something that inherits a limit from us. */
  #under<T>(limit: number, spawn: () => T): T {
    const before: Partial<Limit> = {};
    const { getrlimit, setrlimit } = this.#system;
    if (getrlimit(RLIMIT_RSS, before) !== 0 || before.current === undefined || before.most === undefined)
      return spawn();
    const { current, most } = before;
    setrlimit(RLIMIT_RSS, { current: BigInt(limit) * 1024n, most });
    try {
      return spawn();
    } finally {
      setrlimit(RLIMIT_RSS, { current, most });
    }
  }

  #endAdopted(of: string): Promise<Ending> {
    return endAll({ strays: adoptedIn }, of, this.#clock);
  }

  async close(): Promise<Ending> {
    const left = await this.#endAdopted(THE_RUN);
    clearInterval(this.#burial);
    // The last ones have only just been killed.
    await delay(0);
    this.#bury();
    this.#system.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
    return left;
  }
}
