import { join } from 'node:path';
import type { ComponentContext } from '../components/context.ts';
import type { ProcessSighting } from '../domain/finding.ts';
import type { StopReason } from '../domain/stop-reason.ts';
import type { Environment } from '../domain/suite.ts';
import type { Ms } from '../domain/units.ts';
import { ComponentLog } from '../process/output/log.ts';
import { createProgress } from './progress.ts';
import type { Run } from './run-context.ts';

/** What is run under supervision. */
export interface Charge {
  /** The component, or `setup:` and the step, as events name it. */
  readonly component: string;
  /** Prefix of its owners, unique within the run. */
  readonly id: string;
  /** Name of its log file. */
  readonly logName: string;
  readonly env: Environment;
  readonly timeout: Ms;
  /** Aborts, with a `StopReason`, when it is to end before its time. */
  readonly stop: AbortSignal;
}

/** What came of it, beside its own result. */
export interface Supervised<T> {
  readonly result: T;
  readonly timedOut: boolean;
  /** Why the log is not complete, if so. */
  readonly logFailure: string | undefined;
  /** Who was still in the enclosure, known to no owner; they were ended. */
  readonly strays: readonly ProcessSighting[];
}

/** The path of the log of a charge. */
export const logPath = (run: Run, logName: string): string => join(run.directory.logs, logName);

/** Runs something under a time limit, with a log and with its progress told. */
export async function supervise<T>(
  charge: Charge,
  run: Run,
  work: (context: ComponentContext) => Promise<T>,
): Promise<Supervised<T>> {
  const { component, timeout } = charge;
  const { emit } = run;
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort({ type: 'timeout', limit: timeout } satisfies StopReason),
    timeout,
  );
  const progress = createProgress(component, emit);
  const log = new ComponentLog(logPath(run, charge.logName));
  const enclosure = await run.tier.open();
  try {
    const result = await work({
      component,
      id: charge.id,
      env: charge.env,
      directory: run.directory,
      pipes: run.pipes,
      enclosure,
      log,
      signal: AbortSignal.any([charge.stop, limit.signal]),
      hurry: run.control.hurry,
      grace: run.plan.interruptGrace,
      emit,
      onStart: (step) => (started) =>
        emit({
          type: 'process-started',
          component,
          step,
          pid: started.pid,
          startTicks: started.startTicks,
          command: started.command,
        }),
      onActivity: progress.onActivity,
    });
    const timedOut = limit.signal.aborted;
    return { result, timedOut, logFailure: log.failure, strays: await enclosure.close() };
  } finally {
    clearTimeout(timer);
    progress.end();
    log.close();
  }
}
