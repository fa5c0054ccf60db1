/**
 * Looks at the processes of all owners at the same moments, as far as they can wait: then they share what is read, and two
 * hundred owners cost hardly more than one. While there is nothing to end, each is looked at now and then (`keepLooking`);
 * whoever ends something looks as soon as possible (`lookTogether`).
 */
import { atOneMoment } from '../system/proc.ts';

/** The shortest and the longest interval between looks, in milliseconds. */
const FIRST = 20;
const SELDOM = 1000;
/** A look that comes earlier, along with others, by up to this part of its interval is as good as its own. */
const EARLY = 1 / 4;

/** Looks are followed by a rest this many times as long, so that they take no more than a third of the time. */
const REST = 2;
let restedAt = 0;

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
  timer = setTimeout(lookAround, Math.max(1, Math.max(next, restedAt) - performance.now())).unref();
}

function lookAround(): void {
  const now = performance.now();
  lookAndRest(() => {
    // All of them, also those that are not due: what is new is then new to all, and is read once for all.
    for (const [look, rhythm] of rhythms) {
      look();
      if (rhythm.dueAt - rhythm.wait * EARLY <= now) rhythm.wait = Math.min(rhythm.wait * 2, SELDOM);
      rhythm.dueAt = now + rhythm.wait;
    }
  });
  if (rhythms.size > 0) arm();
}

/** Looks that somebody waits for, and when they are due. */
const asked: (() => void)[] = [];
let due = Number.POSITIVE_INFINITY;
let cancel = (): void => {};

/**
 * Looks along with all who ask at the same time, or while looks rest.
 *
 * @param look only looks: whatever is to be done about what it sees is done once all have looked
 * @param patience the longest wait, in milliseconds
 */
export function lookTogether<T>(look: () => T, patience: number): Promise<T> {
  const seen = new Promise<T>((resolve, reject) => {
    asked.push(() => {
      try {
        resolve(look());
      } catch (error) {
        reject(error);
      }
    });
  });
  const now = performance.now();
  const wait = Math.max(0, Math.min(restedAt - now, patience));
  if (now + wait < due) {
    due = now + wait;
    cancel();
    cancel = schedule(wait, lookNow);
  }
  return seen;
}

/** @returns cancels it */
function schedule(wait: number, callback: () => void): () => void {
  if (wait > 0) {
    const timer = setTimeout(callback, wait);
    return () => clearTimeout(timer);
  }
  // All who have been told of the same event ask first.
  const immediate = setImmediate(callback);
  return () => clearImmediate(immediate);
}

function lookNow(): void {
  due = Number.POSITIVE_INFINITY;
  const looks = asked.splice(0);
  const all = (): void => {
    for (const look of looks) look();
  };
  // Whoever asks alone waits between looks by itself: a rest would only make it slower, and give nobody time to come along.
  if (looks.length === 1) atOneMoment(all);
  else lookAndRest(all);
}

function lookAndRest(look: () => void): void {
  const startedAt = performance.now();
  atOneMoment(look);
  const now = performance.now();
  restedAt = now + REST * (now - startedAt);
}
