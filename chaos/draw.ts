/** What a trial consists of, drawn from a seed. Pure: the same seed and number give the same trial anywhere. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** When the event comes: as soon as anything lives, when all of it lives, or a while later. */
export const MOMENTS = ['first', 'all', 'later'] as const;
export type Moment = (typeof MOMENTS)[number];

/** Who else is there and must not be touched: a process with the same command line, or another Shakedown. */
export const INNOCENTS = ['twin', 'neighbour', 'outer'] as const;
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
}

/** What there is to draw from. */
export interface Catalogue {
  readonly behaviours: readonly string[];
  readonly events: readonly string[];
  readonly tiers: readonly string[];
}

const LONGEST_DELAY = 250;
const INNOCENT_SHARE = 3;

/** A number from 0 to `last` for one aspect of a trial. Aspects do not depend on each other: one can be given instead. */
function number(seed: number, trial: number, aspect: number, last: number): number {
  const mixed =
    Math.imul(seed, 0x9e3779b1) ^ Math.imul(trial + 1, 0x85ebca6b) ^ Math.imul(aspect + 1, 0xc2b2ae35);
  const generator = xoroshiro128plus(mixed);
  // The first numbers of generators with similar seeds are similar.
  for (let skipped = 0; skipped < 8; skipped++) generator.next();
  return uniformInt(generator, 0, last);
}

export function drawTrial(seed: number, trial: number, catalogue: Catalogue): Trial {
  const pick = <T>(aspect: number, from: readonly T[]): T => {
    const picked = from[number(seed, trial, aspect, from.length - 1)];
    if (picked === undefined) throw new Error('nothing to draw from');
    return picked;
  };
  return {
    seed,
    number: trial,
    behaviour: pick(0, catalogue.behaviours),
    event: pick(1, catalogue.events),
    tier: pick(2, catalogue.tiers),
    moment: pick(3, MOMENTS),
    delay: number(seed, trial, 4, LONGEST_DELAY),
    innocent: number(seed, trial, 5, INNOCENT_SHARE) === 0 ? pick(6, INNOCENTS) : null,
    asService: number(seed, trial, 7, 1) === 1,
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
