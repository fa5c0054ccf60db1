import type { LoadPlan, LoadRequest } from '../../../core/load.ts';

/**
 * A plan whose requests say who sends them. It is not the name of the looks at whether a service is ready: what servers log
 * of those is left out of excerpts, and of a load it is evidence.
 *
 * @param agent the User-Agent of those requests that bring none
 */
export function withAgent(plan: LoadPlan, agent: string): LoadPlan {
  const signed = (request: LoadRequest): LoadRequest => {
    const has = request.headers.some(([name]) => name.toLowerCase() === 'user-agent');
    return has ? request : { ...request, headers: [['User-Agent', agent], ...request.headers] };
  };
  const [first, ...others] = plan.requests;
  return { ...plan, requests: [signed(first), ...others.map(signed)] };
}
