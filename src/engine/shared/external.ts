/** Reaches a service that is already there. It is not ours: nothing of it is started, watched or ended. */
import { untilAborted } from '../../core/stop-reason.ts';
import type { SharedExternal } from '../../core/suite.ts';
import { awaitReachable } from '../../process/service/reachable.ts';
import { type Outcome, type Terms, UNHEARD } from './instance.ts';

export async function reachExternal(spec: SharedExternal, terms: Terms): Promise<Outcome> {
  const { context, end, onReady } = terms;
  const { component, emit, clock, signal } = context;
  const startedAt = clock.now();
  const missing = await awaitReachable(spec, context);
  if (signal.aborted) return { type: 'ended', findings: [] };
  if (missing !== undefined) return { type: 'ended', findings: [missing] };
  const { name: service, address } = spec;
  const readyAfterMs = clock.now() - startedAt;
  emit({ type: 'service-ready', component, service, pid: null, port: address.port, readyAfterMs });
  onReady({ ...UNHEARD, address });
  await untilAborted(new Promise<never>(() => {}), end);
  return { type: 'ended', findings: [] };
}
