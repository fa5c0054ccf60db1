/** A run inside a process that is somebody else's: it has no screen and takes no signals, and may go on for long. */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Clock } from '../core/clock.ts';
import type { Stamped } from '../core/event.ts';
import { failureFinding } from '../core/failure.ts';
import type { Finding } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import type { StopReason } from '../core/stop-reason.ts';
import type { Course } from '../engine/course.ts';
import { runPlan } from '../engine/run.ts';
import type { RunControl, RunRequests } from '../engine/run-context.ts';
import { Owner } from '../process/ownership/owner.ts';
import { openTierAsGuest } from '../process/ownership/tiers/choose.ts';

const { version } = createRequire(import.meta.url)('shakedown/package.json') as { version: string };

export class GuestRun {
  /** All that has been found so far, but for what concerns a component. */
  readonly findings: Finding[] = [];
  readonly #owners: Owner[] = [];
  readonly #stop = new AbortController();
  #crash: unknown;
  #hasCrashed = false;

  /**
   * Carries out a plan.
   *
   * @param onEvent called with each event
   * @returns when nothing of it is left
   * @throws what was unexpected
   */
  async carryOut(plan: Plan, course: Course, onEvent: (event: Stamped) => void): Promise<void> {
    const clock = new Clock();
    await runPlan(
      plan,
      {
        version,
        reaper: fileURLToPath(new URL('../reaper.js', import.meta.url)),
        inherited: process.env,
        purpose: 'service',
        control: this.#control(),
        clock,
        tier: await openTierAsGuest(clock),
        openOwner: (context, id) => {
          const owner = new Owner(context, id);
          this.#owners.push(owner);
          return owner;
        },
        sinks: [
          (event) => {
            if (event.type === 'shared-finished') this.findings.push(...event.findings);
            if (event.type === 'run-note') this.findings.push(event.finding);
            onEvent(event);
          },
        ],
      },
      course,
    );
    if (this.#hasCrashed) throw this.#crash;
  }

  #control(): RunControl {
    return {
      stop: this.#stop.signal,
      hurry: new AbortController().signal,
      abandon: new AbortController().signal,
      requests: new EventEmitter<RunRequests>(),
      onCrash: (error) => {
        if (this.#hasCrashed) return;
        this.#hasCrashed = true;
        this.#crash = error;
        const message = error instanceof Error ? error.message : String(error);
        this.#stop.abort({ type: 'crashed', message } satisfies StopReason);
      },
      crash: () => (this.#hasCrashed ? failureFinding(this.#crash, undefined, 'this error') : undefined),
    };
  }

  /** Whether it keeps the process from exiting, as it does at first. */
  keepAlive(isWanted: boolean): void {
    for (const owner of this.#owners) owner.keepAlive(isWanted);
  }
}
