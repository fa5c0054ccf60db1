/** What a run does once its setup is done: by default it runs the components of the plan. */
import type { PlannedComponent } from '../core/plan.ts';
import type { StopReason } from '../core/stop-reason.ts';
import type { Environment } from '../core/suite.ts';
import type { Verdict } from '../core/verdict.ts';
import { attemptComponent } from './attempt.ts';
import { whyStopped } from './conclusion.ts';
import type { Ledger } from './ledger.ts';
import type { Run } from './run-context.ts';
import { runSchedule } from './schedule.ts';
import type { SharedPool } from './shared/pool.ts';

/** A run whose setup is done. */
export interface PreparedRun {
  readonly run: Run;
  /** What all components inherit. */
  readonly env: Environment;
  readonly ledger: Ledger;
  /** What the components share. */
  readonly pool: SharedPool;
  /** Names of the components that run now. */
  readonly active: Set<string>;
}

export type Course = (prepared: PreparedRun) => Promise<void>;

/** Runs components in the order of a plan, and stops all of them at the first failure unless it says otherwise. */
export async function runComponents(
  { run, env, ledger, pool, active }: PreparedRun,
  execute: (planned: PlannedComponent, stop: AbortSignal) => Promise<Verdict> = ({ component }, stop) =>
    attemptComponent(component, { ...run, env, pool, stop }),
): Promise<void> {
  const { plan, emit, control } = run;
  const failFast = new AbortController();
  await runSchedule(plan, {
    execute: async (planned) => {
      const { name } = planned.component;
      active.add(name);
      const verdict = await execute(planned, AbortSignal.any([control.stop, failFast.signal]));
      active.delete(name);
      void pool.settle(name);
      return verdict;
    },
    skip: ({ component: { name, kind } }, reason) => {
      void pool.settle(name);
      emit({
        type: 'component-skipped',
        component: name,
        kind,
        reason: control.stop.aborted ? whyStopped(control) : reason,
      });
    },
    endsRun: ({ component }) => !ledger.isOurFailure(component.name),
    stopAll: (because) => failFast.abort({ type: 'obsolete', because } satisfies StopReason),
    isStopped: () => control.stop.aborted,
  });
}
