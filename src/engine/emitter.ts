import type { RunEvent, Stamped } from '../core/event.ts';

/** Takes each event of a run, in order. */
export type EventSink = (event: Stamped) => void;

/**
 * The one place where events come into being: each gets its number and its time, and goes to every sink at once.
 *
 * @param now milliseconds since some moment
 * @param onBroken told what a sink has thrown; the others get the event all the same, and that one gets no more
 */
export function createEmitter(
  sinks: readonly EventSink[],
  now: () => number,
  onBroken: (error: unknown) => void = (error) => {
    throw error;
  },
): (event: RunEvent) => void {
  const startedAt = now();
  const sound = new Set(sinks);
  let seq = 0;
  return (event) => {
    const stamped: Stamped = {
      ...event,
      seq: seq++,
      elapsedMs: Math.round((now() - startedAt) * 1000) / 1000,
    };
    const errors: unknown[] = [];
    for (const sink of sound) {
      try {
        sink(stamped);
      } catch (error) {
        sound.delete(sink);
        errors.push(error);
      }
    }
    for (const error of errors) onBroken(error);
  };
}
