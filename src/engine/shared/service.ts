/** Keeps a service of the suite alive for as long as somebody needs it. */

import type { Finding } from '../../core/finding.ts';
import { describeFault } from '../../core/http-fault.ts';
import { ok } from '../../core/result.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import type { Environment, Service } from '../../core/suite.ts';
import { addressOf, shownAddress } from '../../kinds/common/address.ts';
import { RunningService } from '../../process/service/service.ts';
import type { Front } from './front.ts';
import type { Outcome, Terms } from './instance.ts';

/** How a service is reached besides at its port; known when it is ready. */
export interface Reach {
  /** Its other ports, by those that it listens on itself. */
  readonly others?: ReadonlyMap<number, number>;
  /** Variables for those who need it. */
  readonly variables?: () => Promise<Environment>;
}

export async function keepService(spec: Service, terms: Terms, reach: Reach = {}): Promise<Outcome> {
  if (spec.via.length === 0) return keep(spec, terms, reach, undefined);
  const front = await (await import('./front.ts')).Front.start(spec, terms.context, terms.frontPort);
  if (!front.ok) return { type: 'ended', findings: [front.error] };
  try {
    return await keep(spec, terms, reach, front.value);
  } finally {
    await front.value.end();
  }
}

/** @param front what stands before it, if it has faults */
async function keep(spec: Service, terms: Terms, reach: Reach, front: Front | undefined): Promise<Outcome> {
  const { context, onBroken } = terms;
  const { component, emit, clock } = context;
  const started = await RunningService.start(spec, {
    ...context,
    env: { ...context.env, ...spec.env },
    onWait: (message) => emit({ type: 'service-waiting', component, service: spec.name, message }),
  });
  if (!started.ok) return { type: 'ended', findings: context.signal.aborted ? [] : [started.error] };
  const service = started.value;
  const broken = await serve(service, terms, reach, front);
  if (broken !== undefined) onBroken(broken);
  const unused = broken === undefined ? await unmet(front, terms) : [];
  const endedAt = clock.now();
  // What a trial has killed has done nothing wrong itself.
  const own = service.isKilled || broken === undefined ? unused : [broken];
  const findings = [...own, ...(await service.stop())];
  emit({ type: 'service-ended', component, service: spec.name, durationMs: clock.now() - endedAt });
  return { type: 'ended', findings };
}

/** Tells where it is, and waits until nobody needs it. @returns why it could not go on until then, if so */
async function serve(
  service: RunningService,
  { context, end, onReady }: Terms,
  { others, variables }: Reach,
  front: Front | undefined,
): Promise<Finding | undefined> {
  const { component, emit } = context;
  const { spec, pid, port: own, readyAfterMs } = service;
  const found = addressOf(spec, own);
  const faced = (await front?.before(found)) ?? ok(found);
  if (!faced.ok) return faced.error;
  const { port } = faced.value;
  const shown = shownAddress(spec, faced.value);
  emit({
    type: 'service-ready',
    ...{ component, service: spec.name, pid, port, readyAfterMs },
    ...(shown === undefined ? {} : { address: shown }),
    ...(front === undefined ? {} : { faults: spec.via.map(describeFault) }),
  });
  const further = await variables?.();
  onReady({
    ...(further === undefined ? {} : { variables: further }),
    address: { ...faced.value, ...(others === undefined ? {} : { others }) },
    ...{ pid, readyAfterMs },
    watchErrors: () => service.watchErrors(),
    firstError: () => service.firstError(),
    hasDied: async (patience) => (await service.hasDied(patience)) !== undefined,
    kill: (because) => void service.kill(because),
  });
  const failed = front?.failed;
  const first = await untilAborted(
    failed === undefined ? service.died : Promise.race([service.died, failed]),
    end,
  );
  if (first === undefined || !('exit' in first)) return first;
  const { exit } = first;
  emit({
    type: 'service-died',
    ...{ component, service: spec.name, exitCode: exit?.code ?? null, signal: exit?.signal ?? null },
  });
  return service.explainDeath(first);
}

/** Faults that nobody has met, if that is worth anything. */
async function unmet(front: Front | undefined, { context, isJudged }: Terms): Promise<Finding[]> {
  if (front === undefined || context.signal.aborted) return [];
  const findings = await front.report();
  return findings.filter(({ code }) => isJudged || code !== 'fault-unused');
}
