/** The uncertainty of a measured ratio: a bootstrap interval. */
import { Random } from '../../core/random.ts';

/** A start time relative to the bare interpreter: the median over pairs, with its 95 % confidence interval. */
export interface RatioInterval {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2000;
const CONFIDENCE = 0.95;

/** @param sorted ascending, not empty */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

const median = (values: Float64Array): number => quantile(values.sort(), 0.5);

/**
 * The median of the ratios of pairs, with its percentile bootstrap interval (B. Efron, "Bootstrap methods: another look
 * at the jackknife", Annals of Statistics 7, 1979; Efron and Tibshirani, "An Introduction to the Bootstrap", 1993,
 * chapter 13): the ratios are resampled with replacement 2,000 times, and the interval covers the middle 95 % of the
 * medians. On an overloaded machine it is narrower than an interval for the ratio of the medians, or of the lower
 * quartiles, of the same times.
 *
 * @param ratios one per pair, not empty
 * @param seed of the random numbers: the same ratios and seed give the same interval
 */
export function ratioInterval(ratios: readonly number[], seed: number): RatioInterval {
  const random = new Random(seed);
  const medians = Float64Array.from({ length: RESAMPLES }, () =>
    median(Float64Array.from(ratios, () => ratios[Math.floor(random.next() * ratios.length)] ?? Number.NaN)),
  ).sort();
  const tail = (1 - CONFIDENCE) / 2;
  return {
    ratio: median(Float64Array.from(ratios)),
    low: quantile(medians, tail),
    high: quantile(medians, 1 - tail),
  };
}
