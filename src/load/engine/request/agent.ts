import type { LoadPlan } from '../../../core/load.ts';
import { mapRequests } from '../../../core/load-requests.ts';

/**
 * Adds a User-Agent to a plan's requests. It differs from that of readiness probes: log lines about probes are left out
 * of excerpts, whereas those about a load are evidence.
 *
 * @param agent the User-Agent of requests that do not set one
 */
export function withAgent(plan: LoadPlan, agent: string): LoadPlan {
  return mapRequests(plan, (request) => {
    const has = request.headers.some(([name]) => name.toLowerCase() === 'user-agent');
    return has ? request : { ...request, headers: [['User-Agent', agent], ...request.headers] };
  });
}
