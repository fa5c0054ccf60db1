/** What several machines cannot send together: known before anybody is asked to. */
import type { LoadPlan, LoadRoute } from './load.ts';

/**
 * @param parts that the load is to be divided into, one for each machine
 * @returns why that cannot be; undefined if it can
 */
export function whyUndivided(
  plan: Omit<LoadPlan, 'target'>,
  { unixSocket }: Pick<LoadRoute, 'unixSocket'>,
  parts: number,
): string | undefined {
  const { model, limit, scenario, workers } = plan;
  const threads = parts * workers;
  const each = `${parts} agents with ${workers === 1 ? 'a thread' : `${workers} threads`} each`;
  if (plan.next !== undefined) return 'steps that a function chooses are sent from one machine only';
  if (plan.findRate !== null) return 'the highest rate is searched for from one machine only';
  if (plan.saveFailures !== null) return 'failures are saved on one machine only';
  if (unixSocket !== null) return 'a unix socket can be reached from its own machine only';
  if (model.connections < threads) return `${model.connections} connections are too few for ${each}`;
  if (limit.type === 'requests' && limit.requests < threads)
    return `${limit.requests} requests are too few for ${each}`;
  if (scenario !== null && scenario.users < threads) return `${scenario.users} users are too few for ${each}`;
  return undefined;
}
