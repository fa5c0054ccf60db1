/** Computes when the requests of an open loop are due, in virtual time. */
import type { LoadModel } from '../../../core/load.ts';
import { Random } from '../../../core/random.ts';
import type { Share } from '../request/source.ts';
import { Levels, withWarmup } from './stages.ts';

type OpenModel = Extract<LoadModel, { type: 'open' }>;

/**
 * The due times of one thread, in milliseconds from the start of the run, in order.
 *
 * Constant arrivals are dealt to the threads in turn, so that together they send exactly what one would. Poisson
 * arrivals are independent, each thread at its share of the rate; together they are again Poisson at the full rate.
 */
export function arrivals(model: OpenModel, warmup: number, seed: number, share: Share): () => number {
  const perMs = withWarmup(model.stages, model.rate, warmup).map(({ duration, from, to }) => ({
    duration,
    from: from / 1000,
    to: to / 1000,
  }));
  const levels = new Levels(perMs);
  if (model.arrivals === 'constant') {
    let index = share.worker;
    return () => {
      const due = levels.timeOfArea(index);
      index += share.workers;
      return due;
    };
  }
  const random = new Random(seed ^ 0x5bd1e995, share.worker);
  let area = 0;
  return () => {
    // Exponential gaps in units of arrivals; the levels map them to times.
    area -= Math.log(1 - random.next()) * share.workers;
    return levels.timeOfArea(area);
  };
}
