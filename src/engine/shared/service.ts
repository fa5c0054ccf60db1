/** Keeps a service of the suite alive for as long as somebody needs it. */
import { untilAborted } from '../../core/stop-reason.ts';
import type { Service } from '../../core/suite.ts';
import { addressOf, shownAddress } from '../../kinds/common/address.ts';
import { RunningService } from '../../process/service/service.ts';
import type { Outcome, Terms } from './instance.ts';

/** @param others where its other ports are reached, by those that it listens on itself; known when it is ready */
export async function keepService(
  spec: Service,
  terms: Terms,
  others?: ReadonlyMap<number, number>,
): Promise<Outcome> {
  const { context, end, onReady, onBroken } = terms;
  const { component, emit, clock } = context;
  const started = await RunningService.start(spec, {
    ...context,
    env: { ...context.env, ...spec.env },
    onWait: (message) => emit({ type: 'service-waiting', component, service: spec.name, message }),
  });
  if (!started.ok) return { type: 'ended', findings: context.signal.aborted ? [] : [started.error] };
  const service = started.value;
  const { pid, port, readyAfterMs } = service;
  const address = shownAddress(spec, port);
  const where = address === undefined ? {} : { address };
  emit({ type: 'service-ready', component, service: spec.name, pid, port, ...where, readyAfterMs });
  onReady({
    address: { ...addressOf(spec, port), ...(others === undefined ? {} : { others }) },
    pid,
    watchErrors: () => service.watchErrors(),
    firstError: () => service.firstError(),
    hasDied: async (patience) => (await service.hasDied(patience)) !== undefined,
  });
  const death = await untilAborted(service.died, end);
  const died = death === undefined ? [] : [await service.explainDeath(death)];
  for (const finding of died) onBroken(finding);
  const endedAt = clock.now();
  const findings = [...died, ...(await service.stop())];
  emit({ type: 'service-ended', component, service: spec.name, durationMs: clock.now() - endedAt });
  return { type: 'ended', findings };
}
