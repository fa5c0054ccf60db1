/** Says why a service is not ready yet as soon as that is known, not only when its time is up. */
import type { Clock } from '../../core/clock.ts';
import { formatDuration, type Ms } from '../../core/units.ts';

/** Milliseconds between looks, and how many must agree before anything is said: a server may open another port first. */
const LOOK_EVERY = 1000;
const AGREEING = 2;

/** A service that is waited for. */
export interface Waiting {
  readonly name: string;
  readonly clock: Clock;
  /** Why it is not ready, as far as can be seen. */
  readonly look: (waitedMs: number) => Promise<string | undefined>;
  readonly say: (message: string) => void;
}

/**
 * Checks now and then why a service is not ready, and says each reason once.
 *
 * @returns a function that stops the checks
 */
export function watchWait({ name, clock, look, say }: Waiting): () => void {
  const startedAt = clock.now();
  const said = new Set<string>();
  let last: string | undefined;
  let agreeing = 0;
  let isOver = false;
  let disarm = (): void => {};
  const next = async (): Promise<void> => {
    const waited = clock.now() - startedAt;
    const why = await look(waited);
    if (isOver) return;
    agreeing = why === last ? agreeing + 1 : 1;
    last = why;
    if (why !== undefined && agreeing >= AGREEING && !said.has(why)) {
      said.add(why);
      say(`${name} is not ready after ${formatDuration(waited as Ms)}: ${why}`);
    }
    arm();
  };
  const arm = (): void => {
    disarm = clock.after(LOOK_EVERY, () => void next(), false);
  };
  arm();
  return () => {
    isOver = true;
    disarm();
  };
}
