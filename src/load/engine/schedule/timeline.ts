import type { LoadPlan } from '../../../core/load.ts';
import type { Share } from '../request/source.ts';
import { shareOf } from './closed.ts';
import type { Timeline } from './driver.ts';

/** @param startAt when the run starts, by this thread's `performance.now()` */
export function timelineOf(plan: LoadPlan, startAt: number, share: Share): Timeline {
  const measureFrom = startAt + plan.warmup;
  const { limit } = plan;
  return limit.type === 'duration'
    ? { startAt, measureFrom, endAt: measureFrom + limit.duration, requests: Number.POSITIVE_INFINITY }
    : {
        startAt,
        measureFrom,
        endAt: Number.POSITIVE_INFINITY,
        requests: shareOf(limit.requests, share),
      };
}
