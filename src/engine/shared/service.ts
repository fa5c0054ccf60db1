/** Keeps a service of the suite alive for as long as somebody needs it. */
import { untilAborted } from '../../core/stop-reason.ts';
import type { Environment, Service } from '../../core/suite.ts';
import { addressOf, shownAddress } from '../../kinds/common/address.ts';
import { RunningService } from '../../process/service/service.ts';
import type { Outcome, Terms } from './instance.ts';

/** How a service is reached besides at its port; known when it is ready. */
export interface Reach {
  /** Its other ports, by those that it listens on itself. */
  readonly others?: ReadonlyMap<number, number>;
  /** Variables for those who need it. */
  readonly variables?: () => Promise<Environment>;
}

export async function keepService(
  spec: Service,
  terms: Terms,
  { others, variables }: Reach = {},
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
  const further = await variables?.();
  onReady({
    ...(further === undefined ? {} : { variables: further }),
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
