/**
 * Looks now and then at the processes of all owners, at the same moments as far as their rhythms allow: then they share what
 * is read, and two hundred owners cost hardly more than one.
 */
import { atOneMoment } from '../system/proc.ts';

/** The shortest and the longest interval between looks, in milliseconds. */
const FIRST = 20;
const SELDOM = 1000;
/** A look comes earlier by up to this part of its interval, to come along with others. */
const EARLY = 1 / 4;

interface Rhythm {
  wait: number;
  dueAt: number;
}

const rhythms = new Map<() => void, Rhythm>();
let timer: NodeJS.Timeout | undefined;

/** Looks soon, then less and less often, until `stopLooking`. */
export function keepLooking(look: () => void): void {
  rhythms.set(look, { wait: FIRST, dueAt: performance.now() + FIRST });
  arm();
}

export function stopLooking(look: () => void): void {
  rhythms.delete(look);
  if (rhythms.size === 0) clearTimeout(timer);
}

function arm(): void {
  clearTimeout(timer);
  const next = Math.min(...[...rhythms.values()].map(({ dueAt }) => dueAt));
  timer = setTimeout(lookAround, Math.max(1, next - performance.now())).unref();
}

function lookAround(): void {
  const now = performance.now();
  atOneMoment(() => {
    for (const [look, rhythm] of rhythms) {
      if (rhythm.dueAt - rhythm.wait * EARLY > now) continue;
      look();
      rhythm.wait = Math.min(rhythm.wait * 2, SELDOM);
      rhythm.dueAt = now + rhythm.wait;
    }
  });
  if (rhythms.size > 0) arm();
}
