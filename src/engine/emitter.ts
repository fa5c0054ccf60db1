import type { RunEvent, Stamped } from '../core/event.ts';

/** Receives each event of a run, in order. */
export type EventSink = (event: Stamped) => void;

/**
 * The only source of events: numbers and timestamps each, and passes it to every sink at once.
 *
 * @param now milliseconds since any fixed moment
 * @param onBroken called with a sink's error; that sink gets no further events, the others do
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
