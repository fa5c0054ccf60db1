import { clock } from '../domain/clock.ts';
import type { RunEvent, Stamped } from '../domain/event.ts';

/** Takes each event of a run, in order. */
export type EventSink = (event: Stamped) => void;

/** The one place where events come into being: each gets its number and its time, and goes to every sink at once. */
export function createEmitter(
  sinks: readonly EventSink[],
  now: () => number = () => clock.now(),
): (event: RunEvent) => void {
  const startedAt = now();
  let seq = 0;
  return (event) => {
    const stamped: Stamped = {
      ...event,
      seq: seq++,
      elapsedMs: Math.round((now() - startedAt) * 1000) / 1000,
    };
    for (const sink of sinks) sink(stamped);
  };
}
