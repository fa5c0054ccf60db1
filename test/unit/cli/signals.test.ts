/** What interrupts a run, and as what that is told. */
import { expect, onTestFinished, test } from 'vitest';
import { LastResort } from '../../../src/cli/last-resort.ts';
import { watchSignals } from '../../../src/cli/signals.ts';
import { interruptionOf } from '../../../src/core/stop-reason.ts';

test('a key that quits is no signal that somebody has sent, and ends the run like one', () => {
  const signals = watchSignals(() => {}, new LastResort('1.2.3', () => {}));
  onTestFinished(signals.release);
  expect(interruptionOf(signals.control.stop)).toBeUndefined();
  signals.quit('q');
  expect(signals.control.stop.reason).toEqual({ type: 'interrupted', signal: 'SIGINT', key: 'q' });
  expect(interruptionOf(signals.control.stop)).toBe('the key q');
  expect(signals.received()).toBe('SIGINT');
  expect(signals.control.hurry.aborted).toBe(false);
});

test('a signal is told by its name', () => {
  expect(interruptionOf(AbortSignal.abort({ type: 'interrupted', signal: 'SIGTERM' }))).toBe('SIGTERM');
});
