/**
 * Which rate to try next, given what became of those before. It has no effects, so a test can play the target.
 *
 * Rates are steps on a scale, each 2.2 % above the one before. Looks, each at twice the rate of the one before, find a
 * rate that holds and one that does not; measurements halve the distance. Near the capacity the outcome is up to chance:
 * one measurement proves little. So both ends of the interval are measured again until one outcome leads by three, and a
 * rate that comes out now this way, now that, is neither end, which makes the interval wider.
 */
import { LEAD, type LevelOutcome, MOST_REPEATS, OCTAVE, type SearchRange } from '../../../core/capacity.ts';

/** Bisects by looks down to this distance. */
const COARSE = OCTAVE / 4;

/** A rate that was tried, by its step, and what became of it. */
export interface Trial {
  readonly step: number;
  readonly isLook: boolean;
  readonly outcome: LevelOutcome;
}

/** The rates that may be tried. Step 0 is the first. */
export class Scale {
  readonly lowest: number;
  readonly highest: number;
  readonly #range: SearchRange;

  constructor(range: SearchRange) {
    this.#range = range;
    this.lowest = -Math.ceil(OCTAVE * Math.log2(range.start / range.least));
    this.highest = Math.ceil(OCTAVE * Math.log2(range.most / range.start));
  }

  /** In requests per second, to three digits. */
  rateOf(step: number): number {
    const { start, least, most } = this.#range;
    if (step <= this.lowest) return least;
    if (step >= this.highest) return most;
    return Number((start * 2 ** (step / OCTAVE)).toPrecision(3));
  }
}

/** What is known of a rate. */
export interface Tried {
  readonly step: number;
  readonly look: LevelOutcome | undefined;
  readonly held: number;
  readonly lost: number;
  readonly limited: number;
}

/** By step, the lowest first. */
function tally(trials: readonly Trial[]): Tried[] {
  const all = new Map<number, Tried>();
  for (const { step, isLook, outcome } of trials) {
    const before = all.get(step) ?? { step, look: undefined, held: 0, lost: 0, limited: 0 };
    all.set(step, isLook ? { ...before, look: outcome } : { ...before, [outcome]: before[outcome] + 1 });
  }
  return [...all.values()].sort((a, b) => a.step - b.step);
}

const measurementsOf = ({ held, lost, limited }: Tried): number => held + lost + limited;
const leadOf = ({ held, lost, limited }: Tried): number => held - lost - limited;

/** Positive: it seems to hold. Negative: it does not seem to. 0: who knows. */
const leaning = (tried: Tried): number =>
  measurementsOf(tried) > 0 ? leadOf(tried) : tried.look === 'held' ? 1 : -1;

/** Whether the generator, not the target, kept it from holding. */
export const isLimited = ({ look, lost, limited }: Tried): boolean =>
  limited + lost > 0 ? limited > lost : look === 'limited';

/** Where the generator is the bottleneck once, it is not worth a second try. */
const isConfirmed = (tried: Tried): boolean =>
  Math.abs(leadOf(tried)) >= LEAD || (leadOf(tried) < 0 && isLimited(tried));

/** Measured so often without one outcome in the lead that it is neither end. */
const isMixed = (tried: Tried): boolean => measurementsOf(tried) >= MOST_REPEATS && !isConfirmed(tried);

/** The capacity lies between these. */
export interface Interval {
  /** The highest rate that held below all that did not. */
  readonly low: Tried | undefined;
  /** The lowest rate that did not hold. */
  readonly high: Tried | undefined;
  readonly isConfirmed: boolean;
}

export function intervalOf(trials: readonly Trial[]): Interval {
  const clear = tally(trials).filter((tried) => !isMixed(tried));
  const high = clear.find((tried) => leaning(tried) < 0);
  const low = clear.findLast((tried) => leaning(tried) > 0 && (high === undefined || tried.step < high.step));
  return { low, high, isConfirmed: [low, high].every((end) => end === undefined || isConfirmed(end)) };
}

export type Next = Pick<Trial, 'step' | 'isLook'> | 'done';

const measure = ({ step }: Pick<Tried, 'step'>): Next => ({ step, isLook: false });

/** The untried step nearest to the middle between two; undefined if there is none. */
function between(from: number, to: number, mixed: ReadonlySet<number>): number | undefined {
  const middle = Math.floor((from + to) / 2);
  for (let distance = 0; distance < to - from; distance += 1)
    for (const step of [middle - distance, middle + distance])
      if (step > from && step < to && !mixed.has(step)) return step;
  return undefined;
}

/** Measures the ends until they are certain, the one that is less so first: if it changes, so does the other. */
function confirm(...ends: readonly (Tried | undefined)[]): Next {
  const doubtful = ends
    .filter((end) => end !== undefined)
    .filter((end) => !isConfirmed(end))
    .sort((a, b) => measurementsOf(a) - measurementsOf(b));
  return doubtful[0] === undefined ? 'done' : measure(doubtful[0]);
}

export function nextTrial(scale: Scale, trials: readonly Trial[]): Next {
  if (trials.length === 0) return { step: 0, isLook: true };
  const all = tally(trials);
  const undecided = all.find((tried) => leaning(tried) === 0 && !isMixed(tried));
  if (undecided !== undefined) return measure(undecided);
  const mixed = new Set(all.filter(isMixed).map(({ step }) => step));
  const { low, high } = intervalOf(trials);
  const lookAt = (step: number, end: Tried | undefined): Next =>
    mixed.has(step) || step === end?.step ? confirm(end) : { step, isLook: true };
  if (high === undefined) return lookAt(Math.min(scale.highest, (low?.step ?? 0) + OCTAVE), low);
  if (low === undefined) return lookAt(Math.max(scale.lowest, high.step - OCTAVE), high);
  const step = between(low.step, high.step, mixed);
  if (step === undefined) return confirm(low, high);
  return { step, isLook: high.step - low.step > COARSE };
}
