/** Changes all requests of a load, also those that a function will make. */
import type { LoadPlan, LoadRequest } from './load.ts';

export function mapRequests<P extends Pick<LoadPlan, 'requests' | 'next'>>(
  plan: P,
  change: (request: LoadRequest) => LoadRequest,
): P {
  const { next } = plan;
  const [first, ...others] = plan.requests;
  const changed: P = { ...plan, requests: [change(first), ...others.map(change)] };
  if (next === undefined) return changed;
  return {
    ...changed,
    next: (last, user) => {
      const made = next(last, user);
      return made === null || 'wrong' in made ? made : change(made);
    },
  };
}
