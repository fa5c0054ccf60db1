import type { Finding } from '../../core/finding.ts';
import { type StopReason, stopReason } from '../../core/stop-reason.ts';
import type { Environment, Service } from '../../core/suite.ts';
import { type Death, RunningService } from '../../process/service/service.ts';
import { withPort } from '../../process/service/start-parts.ts';
import { DISCARDED, howToHear } from '../../process/service/unheard.ts';
import type { ComponentContext } from '../common/context.ts';
import { type HeldStep, holdStep, runStep, type Step } from '../common/run-step.ts';
import type { HttpComponent } from './component.ts';

/** When a client fails, its server has often just crashed. Milliseconds to wait for that to become visible. */
const CRASH_VISIBLE_WITHIN = 150;

const portVariable = (name: string): string => `${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_PORT`;

/** Ports by name of service; null if it has none. */
type Ports = ReadonlyMap<string, number | null>;

const portsOf = (running: readonly RunningService[]): Ports =>
  new Map(running.map(({ spec, port }) => [spec.name, port]));

/** The ports of the running services, as environment variables for the next process. */
function portEnvironment(ports: Ports): Environment {
  const entries = [...ports].flatMap(([name, port]): [string, string][] =>
    port === null ? [] : [[portVariable(name), String(port)]],
  );
  return Object.fromEntries(entries);
}

/** A client started before the last service is ready: by then everything it needs to know is known. */
class EarlyClient {
  readonly #component: HttpComponent;
  readonly #context: ComponentContext;
  #held: Promise<HeldStep | undefined> | undefined;
  /** The same, once it is waiting. */
  #waiting: HeldStep | undefined;

  constructor(component: HttpComponent, context: ComponentContext) {
    this.#component = component;
    this.#context = context;
  }

  start(ports: Ports): void {
    const step = clientStep(this.#component, ports, this.#context);
    if (step === undefined) return;
    // Only a head start: what is wrong shows up again when the client is started normally.
    this.#held = holdStep(step, this.#context).catch(() => undefined);
    void this.#held.then((held) => {
      this.#waiting = held;
    });
  }

  /** All services are ready: the client is released before anyone is told so. */
  release(): void {
    if (!this.#context.signal.aborted) this.#waiting?.release();
  }

  /** Hands it over to be run. */
  async take(): Promise<HeldStep | undefined> {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  /** Drops it, unless it was taken. */
  async drop(): Promise<void> {
    await (await this.take())?.drop();
  }
}

/** Starts the services, each after those it needs, runs the client, then stops the services in reverse order. */
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
        component: context.component,
        service: service.spec.name,
        durationMs: context.clock.now() - endedAt,
      });
    }
  }
  return findings;
}

/** Whether the component is ended through no fault of its own. At a time limit, what was still missing is the cause. */
function isCutShort(signal: AbortSignal): boolean {
  const reason = stopReason(signal);
  return reason !== undefined && reason.type !== 'timeout';
}

/** Starts the services one by one and adds them to `running`; returns why one did not start. */
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
      onWait: (message) =>
        context.emit({ type: 'service-waiting', component: context.component, service: spec.name, message }),
      ...(isLast ? { onReady: () => client.release() } : {}),
    });
    if (!started.ok) return isCutShort(context.signal) ? [] : [started.error];
    const service = started.value;
    running.push(service);
    const { pid, port, readyAfterMs } = service;
    context.emit({
      type: 'service-ready',
      component: context.component,
      service: spec.name,
      pid,
      port,
      readyAfterMs,
    });
  }
  return [];
}

/** Runs the client, raced against the death of any service: the death is the finding, not its effect on the client. */
async function useServices(
  component: HttpComponent,
  running: readonly RunningService[],
  early: EarlyClient,
  context: ComponentContext,
): Promise<Finding[]> {
  const obsolete = new AbortController();
  const signal = AbortSignal.any([context.signal, obsolete.signal]);
  for (const service of running) service.watchErrors();
  const client = runClient(component, running, await early.take(), { ...context, signal });
  const deaths = running.map(async (service) => {
    const death = await service.died;
    // At the time limit, asking a service for its stacks may end it: that is not its own death.
    return context.signal.aborted ? client : { service, death };
  });
  const first = await Promise.race([client, ...deaths]);
  if (!Array.isArray(first)) {
    obsolete.abort({ type: 'obsolete', because: `${first.service.spec.name} died` } satisfies StopReason);
    return [await first.service.explainDeath(first.death), ...(await client).filter(isLeak)];
  }
  if (context.signal.aborted) return withMeanwhile(first, running, context);
  const failed = context.verdictOf(first) === 'failed';
  const died = await firstDeath(running, failed ? CRASH_VISIBLE_WITHIN : 0);
  return died === undefined
    ? withMeanwhile(first, running, context)
    : [await died.service.explainDeath(died.death), ...first.filter(isLeak)];
}

/** Adds to a client's failure what the services printed meanwhile. */
function withMeanwhile(
  findings: readonly Finding[],
  running: readonly RunningService[],
  { verdictOf }: ComponentContext,
): Finding[] {
  const failure = findings.find((finding) => verdictOf([finding]) === 'failed' && !isLeak(finding));
  if (failure === undefined) return [...findings];
  const meanwhile = running.flatMap((service) => {
    const message = service.firstError();
    return message === undefined ? [] : [{ step: service.spec.name, message }];
  });
  const unheard = running.find(({ isUnheard }) => isUnheard);
  const hint = failure.hint ?? (unheard === undefined ? undefined : unheardHint(unheard.spec));
  const told: Finding = {
    ...failure,
    ...(meanwhile.length === 0 ? {} : { meanwhile }),
    ...(hint === undefined ? {} : { hint }),
  };
  return findings.map((finding) => (finding === failure ? told : finding));
}

function unheardHint(service: Service): string {
  return `what ${service.name} printed meanwhile is lost: ${DISCARDED}; ${howToHear(service)}`;
}

/** What a client left behind is reported even if a service is to blame for its failure. */
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

/** The client's command; undefined for the built-in client. */
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
