/** Handles a user's requests to a run: describe what is running, suspend, resume. */
import { observeAll } from '../process/inspection/owned-step.ts';
import { suspend } from '../process/inspection/suspend.ts';
import type { Watchdog } from '../process/ownership/watchdog.ts';
import type { RunResources } from './run-context.ts';

/** How many lines of each component's output are shown. */
const LAST_LINES = 5;

/** @returns stops handling them */
export function attendRequests(run: RunResources, watchdog: Watchdog | undefined): () => void {
  const { clock, control } = run;
  const { requests } = control;
  let release = (): void => {};
  const onDescribe = (): void =>
    run.emit({
      type: 'running',
      components: [...run.active].map(({ component, steps }) => ({
        component,
        running: observeAll(steps),
        lastLines: steps.flatMap(({ scanner }) => scanner.tail(LAST_LINES)).slice(-LAST_LINES),
      })),
    });
  const onSuspend = (): void => {
    clock.suspend();
    watchdog?.suspend();
    release = suspend([...run.active].flatMap(({ steps }) => steps.map(({ owner }) => owner)));
  };
  const onResume = (): void => {
    release();
    watchdog?.resume();
    const stoppedMs = clock.resume();
    run.emit({ type: 'resumed', stoppedMs });
  };
  requests.on('describe', onDescribe).on('suspend', onSuspend).on('resume', onResume);
  return () => {
    requests.off('describe', onDescribe).off('suspend', onSuspend).off('resume', onResume);
  };
}
