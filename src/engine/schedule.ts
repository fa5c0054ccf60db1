/** Decides in what order components run, how many at once, and which are skipped. Knows no process and no clock. */
import type { Plan, PlannedComponent } from '../core/plan.ts';
import type { Verdict } from '../core/verdict.ts';

export interface Schedule<P extends PlannedComponent = PlannedComponent> {
  /** Runs a component to its verdict. */
  readonly execute: (planned: P) => Promise<Verdict>;
  /** Called for each component that is not run. */
  readonly skip: (planned: P, reason: string) => void;
  /** Whether a component's failure may end the run. Default: every failure does. */
  readonly endsRun?: (planned: P) => boolean;
  /** How many may run at once if all are like this one. Default: as many as the plan allows. */
  readonly room?: (planned: P) => number;
  /** Whether two must not run at once, even if their ports differ. Default: none. */
  readonly excludes?: (one: P, other: P) => boolean;
  /** Called once when a failure ends the run: stop the components that are still running. */
  readonly stopAll: (because: string) => void;
  /** Whether the user interrupted, so that nothing more may start. */
  readonly isStopped: () => boolean;
}

/**
 * Runs all components of a plan in order, as many at once as it allows; returns when the last one has ended. None overtakes
 * another for which there is no room yet.
 */
export async function runSchedule<P extends PlannedComponent>(
  plan: Pick<Plan, 'jobs' | 'keepGoing'> & { readonly components: readonly P[] },
  schedule: Schedule<P>,
): Promise<void> {
  let waiting = [...plan.components];
  const verdicts = new Map<string, Verdict>();
  const running = new Map<string, { planned: P; done: Promise<void> }>();
  let failed: string | undefined;

  const start = (planned: P): void => {
    const { name } = planned.component;
    const done = schedule.execute(planned).then((verdict) => {
      running.delete(name);
      verdicts.set(name, verdict);
      if (verdict !== 'failed' || failed !== undefined || schedule.endsRun?.(planned) === false) return;
      failed = name;
      if (!plan.keepGoing) schedule.stopAll(`${name} failed`);
    });
    running.set(name, { planned, done });
  };
  const roomFor = (planned: P): number => schedule.room?.(planned) ?? plan.jobs;
  const isRoomFor = (planned: P): boolean =>
    [planned, ...[...running.values()].map((other) => other.planned)].every(
      (each) => running.size < roomFor(each),
    );
  const omit = (planned: P, reason: string): void => {
    verdicts.set(planned.component.name, 'skipped');
    schedule.skip(planned, reason);
  };

  while (waiting.length > 0 || running.size > 0) {
    const later: P[] = [];
    let isFull = false;
    for (const planned of waiting) {
      if (schedule.isStopped()) omit(planned, 'interrupted');
      else if (failed !== undefined && !plan.keepGoing) omit(planned, `${failed} failed`);
      else {
        const broken = planned.after.find((name) => verdicts.has(name) && verdicts.get(name) !== 'passed');
        const isBlocked = planned.after.some((name) => !verdicts.has(name));
        const isExcluded = [...running.values()].some(
          (other) =>
            other.planned.ports.some((port) => planned.ports.includes(port)) ||
            schedule.excludes?.(planned, other.planned) === true,
        );
        if (broken !== undefined)
          omit(
            planned,
            `it needs ${broken}, which ${verdicts.get(broken) === 'skipped' ? 'was not run' : 'did not pass'}`,
          );
        else if (isBlocked || isExcluded) later.push(planned);
        else {
          isFull ||= !isRoomFor(planned);
          if (isFull) later.push(planned);
          else start(planned);
        }
      }
    }
    // A skipped component may release others that waited for it: look again before waiting.
    const isSettled = later.length === waiting.length || running.size > 0;
    waiting = later;
    if (running.size > 0) await Promise.race([...running.values()].map(({ done }) => done));
    else if (isSettled && waiting.length > 0)
      throw new Error('components wait for each other: the plan must have refused this');
  }
}
