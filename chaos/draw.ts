/** What a trial consists of, drawn from a seed. Pure: the same seed and number give the same trial anywhere. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** When the event comes: as soon as anything lives, when all of it lives, or a while later. */
export const MOMENTS = ['first', 'all', 'later'] as const;
export type Moment = (typeof MOMENTS)[number];

/**
 * Who else is there and must not be touched: a process with the same command line, another Shakedown in the same folder,
 * or one around the trial's, in a folder of its own or in the same.
 */
export const INNOCENTS = ['twin', 'neighbour', 'outer', 'outer-here'] as const;
export type InnocentKind = (typeof INNOCENTS)[number];

export interface Trial {
  readonly seed: number;
  readonly number: number;
  readonly behaviour: string;
  readonly event: string;
  readonly tier: string;
  readonly moment: Moment;
  /** How much later, in ms, where the moment is that. */
  readonly delay: number;
  readonly innocent: InnocentKind | null;
  /** Whether a daemon is a service, or is left behind by a command. */
  readonly asService: boolean;
  /** Whether a service is one of the suite, rather than of its component. */
  readonly isShared: boolean;
  /** Whether a setup step does something that is to be undone, and there is a teardown. */
  readonly isUndone: boolean;
  /** Whether what is no service is left behind by a task of the suite, rather than by a component. */
  readonly isTask: boolean;
  /** In which run of its component a proof is struck, and by which of its faults: both from 0 up to, not including, 1. */
  readonly round: number;
  readonly fault: number;
}

/** What there is to draw from. */
export interface Catalogue {
  readonly behaviours: readonly string[];
  readonly events: readonly string[];
  readonly tiers: readonly string[];
}

const LONGEST_DELAY = 250;
const INNOCENT_SHARE = 1 / 4;
const TASK_SHARE = 1 / 4;

/** Numbers from 0 up to, not including, 1: one for each aspect of a trial, in order, whatever is made of them. */
function numbers(seed: number, trial: number): () => number {
  const generator = xoroshiro128plus(mix(mix(seed) ^ trial));
  // The first numbers of generators with similar seeds are similar.
  for (let skipped = 0; skipped < 8; skipped++) generator.next();
  return () => (generator.next() >>> 0) / 2 ** 32;
}

/** MurmurHash3's last step (Appleby, public domain): seeds that differ in one bit become seeds that differ in half of them. */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

export function drawTrial(seed: number, trial: number, catalogue: Catalogue): Trial {
  const number = numbers(seed, trial);
  const pick = <T>(from: readonly T[]): T => {
    const picked = from[Math.floor(number() * from.length)];
    if (picked === undefined) throw new Error('nothing to draw from');
    return picked;
  };
  // Each takes one number, so that one that is given does not change the others.
  const behaviour = pick(catalogue.behaviours);
  const event = pick(catalogue.events);
  const tier = pick(catalogue.tiers);
  const moment = pick(MOMENTS);
  const delay = Math.floor(number() * LONGEST_DELAY);
  const hasInnocents = number() < INNOCENT_SHARE;
  const innocent = pick(INNOCENTS);
  const asService = number() < 0.5;
  const round = number();
  const fault = number();
  const isShared = number() < 0.5;
  const isUndone = number() < 0.5;
  const isTask = number() < TASK_SHARE;
  return {
    ...{ seed, number: trial, behaviour, event, tier, moment, delay },
    innocent: hasInnocents ? innocent : null,
    ...{ asService, round, fault, isShared, isUndone, isTask },
  };
}

/**
 * The command that runs this very trial again. What was drawn from lists is named, since a list may be a different
 * one elsewhere; the rest comes from the seed.
 */
export function replayCommand({ seed, number, tier, behaviour, event }: Trial): string {
  const name = (text: string): string => (/^[\w-]+$/.test(text) ? text : `'${text}'`);
  return `npm run chaos -- --seed ${seed} --trial ${number} --tier ${name(tier)} --behaviour ${name(behaviour)} --event ${name(event)}`;
}
