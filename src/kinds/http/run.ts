import type { Finding } from '../../core/finding.ts';
import { type StopReason, stopReason } from '../../core/stop-reason.ts';
import type { Environment } from '../../core/suite.ts';
import { type Death, RunningService } from '../../process/service/service.ts';
import { withPort } from '../../process/service/start-parts.ts';
import type { ComponentContext } from '../common/context.ts';
import { type HeldStep, holdStep, runStep, type Step } from '../common/run-step.ts';
import type { HttpComponent } from './component.ts';

/** A client that fails has often met a server that is just crashing: so long its end may take to be seen. */
const CRASH_VISIBLE_WITHIN = 150;

const portVariable = (name: string): string => `${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_PORT`;

/** The ports of services by their names; null for one that has none. */
type Ports = ReadonlyMap<string, number | null>;

const portsOf = (running: readonly RunningService[]): Ports =>
  new Map(running.map(({ spec, port }) => [spec.name, port]));

/** The ports of the services that run already, as the next process finds them in its environment. */
function portEnvironment(ports: Ports): Environment {
  const entries = [...ports].flatMap(([name, port]): [string, string][] =>
    port === null ? [] : [[portVariable(name), String(port)]],
  );
  return Object.fromEntries(entries);
}

/** A client that is started while the last service is not ready yet: then all that it is told is known. */
class EarlyClient {
  readonly #component: HttpComponent;
  readonly #context: ComponentContext;
  #held: Promise<HeldStep | undefined> | undefined;
  /** The same, once it waits. */
  #waiting: HeldStep | undefined;

  constructor(component: HttpComponent, context: ComponentContext) {
    this.#component = component;
    this.#context = context;
  }

  start(ports: Ports): void {
    const step = clientStep(this.#component, ports, this.#context);
    if (step === undefined) return;
    // It is only a head start: what is wrong is told when the client is started in its time.
    this.#held = holdStep(step, this.#context).catch(() => undefined);
    void this.#held.then((held) => {
      this.#waiting = held;
    });
  }

  /** All services are ready: it is let go before that is told to anybody. */
  release(): void {
    if (!this.#context.signal.aborted) this.#waiting?.release();
  }

  /** Gives it to whoever runs it. */
  async take(): Promise<HeldStep | undefined> {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  /** Nobody has taken it, nor will. */
  async drop(): Promise<void> {
    await (await this.take())?.drop();
  }
}

/** Services first, each after those that it needs; then the client; then all is ended, the last started first. */
export async function runHttp(component: HttpComponent, context: ComponentContext): Promise<Finding[]> {
  const running: RunningService[] = [];
  const findings: Finding[] = [];
  const client = new EarlyClient(component, context);
  try {
    findings.push(...(await startServices(component, running, client, context)));
    if (findings.length === 0 && !context.signal.aborted)
      findings.push(...(await useServices(component, running, client, context)));
  } finally {
    await client.drop();
    for (const service of running.reverse()) {
      const endedAt = context.clock.now();
      findings.push(...(await service.stop()));
      context.emit({
        type: 'service-ended',
        component: component.name,
        service: service.spec.name,
        durationMs: context.clock.now() - endedAt,
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
  client: EarlyClient,
  context: ComponentContext,
): Promise<Finding[]> {
  for (const spec of component.services) {
    const isLast = running.length === component.services.length - 1;
    const onSpawned = (port: number | null): void => {
      if (isLast) client.start(new Map([...portsOf(running), [spec.name, port]]));
    };
    const started = await RunningService.start(spec, {
      ...context,
      id: `${context.id}/${spec.name}`,
      env: { ...context.env, ...portEnvironment(portsOf(running)), ...spec.env },
      onSpawned,
      ...(isLast ? { onReady: () => client.release() } : {}),
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
  early: EarlyClient,
  context: ComponentContext,
): Promise<Finding[]> {
  const obsolete = new AbortController();
  const signal = AbortSignal.any([context.signal, obsolete.signal]);
  const client = runClient(component, running, await early.take(), { ...context, signal });
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
  const failed = context.verdictOf(first) === 'failed';
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

/** The client as a command; undefined for the one that is built in. */
function clientStep(
  { client, target, cwd }: HttpComponent,
  ports: Ports,
  context: ComponentContext,
): Step | undefined {
  if (client.type !== 'command') return undefined;
  const port = ports.get(target) ?? null;
  return {
    name: 'client',
    command: withPort(client.command, port),
    cwd,
    env: {
      ...context.env,
      ...portEnvironment(ports),
      ...(port === null ? {} : { PORT: String(port) }),
    },
    expect: client.expect,
  };
}

async function runClient(
  component: HttpComponent,
  running: readonly RunningService[],
  ahead: HeldStep | undefined,
  context: ComponentContext,
): Promise<Finding[]> {
  const step = clientStep(component, portsOf(running), context);
  if (step !== undefined) return runStep(step, context, ahead);
  const service = running.find(({ spec }) => spec.name === component.target);
  if (component.client.type !== 'load' || service === undefined)
    throw new Error(`there is no service ${component.target}: it must have been refused`);
  const { runLoadClient } = await import('./load-client.ts');
  return runLoadClient(component.client.load, service.port, service.pid, context);
}
