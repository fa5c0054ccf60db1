import { clock } from '../../domain/clock.ts';
import type { Finding } from '../../domain/finding.ts';
import { CONSEQUENCE } from '../../domain/finding.ts';
import { type StopReason, stopReason } from '../../domain/stop-reason.ts';
import type { Environment, HttpComponent } from '../../domain/suite.ts';
import { type Death, RunningService } from '../../process/service/service.ts';
import { withPort } from '../../process/service/start-parts.ts';
import type { ComponentContext } from '../context.ts';
import { runStep } from '../run-step.ts';

/** A client that fails has often met a server that is just crashing: so long its end may take to be seen. */
const CRASH_VISIBLE_WITHIN = 150;

const portVariable = (name: string): string => `${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_PORT`;

/** The ports of the services that run already, as the next process finds them in its environment. */
function portEnvironment(running: readonly RunningService[]): Environment {
  const entries = running.flatMap(({ spec, port }): [string, string][] =>
    port === null ? [] : [[portVariable(spec.name), String(port)]],
  );
  return Object.fromEntries(entries);
}

/** Services first, each after those that it needs; then the client; then all is ended, the last started first. */
export async function runHttp(component: HttpComponent, context: ComponentContext): Promise<Finding[]> {
  const running: RunningService[] = [];
  const findings: Finding[] = [];
  try {
    findings.push(...(await startServices(component, running, context)));
    if (findings.length === 0 && !context.signal.aborted)
      findings.push(...(await useServices(component, running, context)));
  } finally {
    for (const service of running.reverse()) {
      const endedAt = clock.now();
      findings.push(...(await service.stop()));
      context.emit({
        type: 'service-ended',
        component: component.name,
        service: service.spec.name,
        durationMs: clock.now() - endedAt,
      });
    }
  }
  return findings;
}

/** Whether it is no fault of the component that it is ended. After a time limit, what was still lacking is the cause. */
function isCutShort(signal: AbortSignal): boolean {
  const reason = stopReason(signal);
  return reason !== undefined && reason.type !== 'timeout';
}

/** Starts the services one after the other into `running`; returns what went wrong with the one that did not start. */
async function startServices(
  component: HttpComponent,
  running: RunningService[],
  context: ComponentContext,
): Promise<Finding[]> {
  for (const spec of component.services) {
    const started = await RunningService.start(spec, {
      ...context,
      id: `${context.id}/${spec.name}`,
      env: { ...context.env, ...portEnvironment(running), ...spec.env },
    });
    if (!started.ok) return isCutShort(context.signal) ? [] : [started.error];
    const service = started.value;
    running.push(service);
    const { pid, port, readyAfterMs } = service;
    context.emit({
      type: 'service-ready',
      component: component.name,
      service: spec.name,
      pid,
      port,
      readyAfterMs,
    });
  }
  return [];
}

/** Runs the client, raced against the death of any service: then the death is the finding, not what it did to the client. */
async function useServices(
  component: HttpComponent,
  running: readonly RunningService[],
  context: ComponentContext,
): Promise<Finding[]> {
  const obsolete = new AbortController();
  const signal = AbortSignal.any([context.signal, obsolete.signal]);
  const client = runClient(component, running, { ...context, signal });
  const deaths = running.map(async (service) => {
    const death = await service.died;
    // At the time limit a service may end by being asked where it stands: that is no death of its own.
    return context.signal.aborted ? client : { service, death };
  });
  const first = await Promise.race([client, ...deaths]);
  if (!Array.isArray(first)) {
    obsolete.abort({ type: 'obsolete', because: `${first.service.spec.name} died` } satisfies StopReason);
    return [await first.service.explainDeath(first.death), ...(await client).filter(isLeak)];
  }
  if (context.signal.aborted) return first;
  const failed = first.some((finding) => CONSEQUENCE[finding.code] === 'failed');
  const died = await firstDeath(running, failed ? CRASH_VISIBLE_WITHIN : 0);
  return died === undefined ? first : [await died.service.explainDeath(died.death), ...first.filter(isLeak)];
}

/** What a client left behind is told whoever is to blame for its failure. */
const isLeak = (finding: Finding): boolean => finding.code === 'leaked-process';

async function firstDeath(
  running: readonly RunningService[],
  patience: number,
): Promise<{ service: RunningService; death: Death } | undefined> {
  const looks = await Promise.all(
    running.map(async (service) => ({ service, death: await service.hasDied(patience) })),
  );
  return looks.flatMap(({ service, death }) => (death === undefined ? [] : [{ service, death }]))[0];
}

async function runClient(
  component: HttpComponent,
  running: readonly RunningService[],
  context: ComponentContext,
): Promise<Finding[]> {
  const { client } = component;
  const service = running.find(({ spec }) => spec.name === component.target);
  const target = service?.port ?? null;
  const env = {
    ...context.env,
    ...portEnvironment(running),
    ...(target === null ? {} : { PORT: String(target) }),
  };
  if (client.type === 'command') {
    return runStep(
      {
        name: 'client',
        command: withPort(client.command, target),
        cwd: component.cwd,
        env,
        expect: client.expect,
      },
      context,
    );
  }
  if (service === undefined)
    throw new Error(`there is no service ${component.target}: it must have been refused`);
  const { runLoadClient } = await import('./load-client.ts');
  return runLoadClient(client.load, target, service.pid, context);
}
