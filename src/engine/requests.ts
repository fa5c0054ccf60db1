/** Does what a person asks of a run beside its end: tell what runs, stand still, go on. */
import { clock } from '../domain/clock.ts';
import { hold } from '../process/inspection/hold.ts';
import { observeAll } from '../process/inspection/owned-step.ts';
import type { Watchdog } from '../process/ownership/watchdog.ts';
import type { Scene } from './run-context.ts';

/** Of each component so much of its output is told. */
const LAST_LINES = 5;

/** @returns ends the attendance */
export function attendRequests(run: Scene, watchdog: Watchdog | undefined): () => void {
  const { requests } = run.control;
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
  const onHold = (): void => {
    clock.stop();
    watchdog?.hold();
    release = hold([...run.active].flatMap(({ steps }) => steps.map(({ owner }) => owner)));
  };
  const onGoOn = (): void => {
    release();
    watchdog?.goOn();
    const stoppedMs = clock.goOn();
    run.emit({ type: 'resumed', stoppedMs });
  };
  requests.on('describe', onDescribe).on('hold', onHold).on('go-on', onGoOn);
  return () => {
    requests.off('describe', onDescribe).off('hold', onHold).off('go-on', onGoOn);
  };
}
