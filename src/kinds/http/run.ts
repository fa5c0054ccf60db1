import { isLoopback } from '../../core/address.ts';
import type { Finding } from '../../core/finding.ts';
import { type StopReason, stopReason } from '../../core/stop-reason.ts';
import type { Service } from '../../core/suite.ts';
import { hostOf } from '../../process/probes/probe.ts';
import { type Death, RunningService } from '../../process/service/service.ts';
import { DISCARDED, howToHear } from '../../process/service/unheard.ts';
import type { ComponentContext } from '../common/context.ts';
import { isLeak, toldMeanwhile } from '../common/meanwhile.ts';
import { type HeldStep, holdStep, runStep } from '../common/run-step.ts';
import { addressesOf, clientStep, type Ports } from './client-step.ts';
import type { HttpComponent } from './component.ts';
import type { FaultProxies } from './proxies.ts';

/** When a client fails, its server has often just crashed. Milliseconds to wait for that to become visible. */
const CRASH_VISIBLE_WITHIN = 150;

/** The ports of its own services, and that of the suite's service if the client tries that. */
function portsOf({ component: { target }, running, context }: Stage): Ports {
  const shared = context.services.get(target)?.address.port;
  const own = running.map(({ spec, port }): [string, number | null] => [spec.name, port]);
  return new Map(shared === undefined ? own : [[target, shared], ...own]);
}

/** The services of an attempt, and the proxies in front of some of them. */
interface Stage {
  readonly component: HttpComponent;
  readonly running: RunningService[];
  readonly context: ComponentContext;
  /** Undefined if everybody is connected directly. */
  readonly proxies: FaultProxies | undefined;
}

/** A client started before the last service is ready: by then everything it needs to know is known. */
class EarlyClient {
  readonly #stage: Stage;
  readonly #context: ComponentContext;
  #held: Promise<HeldStep | undefined> | undefined;
  /** The same, once it is waiting. */
  #waiting: HeldStep | undefined;

  constructor(stage: Stage, context: ComponentContext) {
    this.#stage = stage;
    this.#context = context;
  }

  start(ports: Ports): void {
    // A service that is started once more has the same port.
    if (this.#stage.component.client.type !== 'command' || this.#held !== undefined) return;
    // Only a head start: what is wrong shows up again when the client is started normally.
    this.#held = this.#hold(ports).catch(() => undefined);
    void this.#held.then((held) => {
      this.#waiting = held;
    });
  }

  async #hold(ports: Ports): Promise<HeldStep | undefined> {
    const { component, proxies } = this.#stage;
    const known = proxies === undefined ? ports : await proxies.portsFor('client', ports);
    const step = clientStep(component, known, this.#context);
    if (step === undefined) return undefined;
    return holdStep({ ...step, entrance: proxies?.entrance }, this.#context);
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
  const kill = (name: string): void => {
    const service = running.find(({ spec }) => spec.name === name) ?? context.services.get(name);
    void service?.kill('the fault `die` has killed it');
  };
  const proxies = await startProxies(component, context, kill);
  if (Array.isArray(proxies)) return proxies;
  const stage = { component, running, proxies, context };
  const client = new EarlyClient(stage, context);
  try {
    findings.push(...(await startServices(stage, client, context)));
    if (findings.length === 0 && !context.signal.aborted)
      findings.push(...(await useServices(stage, client, context)));
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
    await proxies?.end();
  }
  return findings;
}

/** @returns the proxies that the component wants, if any; or why one did not start */
async function startProxies(
  component: HttpComponent,
  context: ComponentContext,
  kill: (service: string) => void,
): Promise<FaultProxies | undefined | Finding[]> {
  if (component.via.length === 0 && component.services.every(({ via }) => via.length === 0)) return undefined;
  const { FaultProxies } = await import('./proxies.ts');
  const started = await FaultProxies.start(component, context, kill);
  return started instanceof FaultProxies ? started : [started];
}

/** Whether the component is ended through no fault of its own. At a time limit, what was still missing is the cause. */
function isCutShort(signal: AbortSignal): boolean {
  const reason = stopReason(signal);
  return reason !== undefined && reason.type !== 'timeout';
}

/** Starts the services one by one and adds them to `running`; returns why one did not start. */
async function startServices(
  stage: Stage,
  client: EarlyClient,
  context: ComponentContext,
): Promise<Finding[]> {
  const { component, running, proxies } = stage;
  const shared = context.services.get(component.target);
  if (shared !== undefined) {
    const { port, host } = shared.address;
    proxies?.spawned(component.target, port, isLoopback(host) ? undefined : host);
    proxies?.watch();
  }
  for (const spec of component.services) {
    const isLast = running.length === component.services.length - 1;
    const onSpawned = (port: number | null): void => {
      proxies?.spawned(spec.name, port, hostOf(spec));
      if (isLast) client.start(new Map([...portsOf(stage), [spec.name, port]]));
    };
    const onReady = (): void => {
      proxies?.watch();
      client.release();
    };
    const ports = (await proxies?.portsFor('services', portsOf(stage))) ?? portsOf(stage);
    const started = await RunningService.start(spec, {
      ...context,
      id: `${context.id}/${spec.name}`,
      env: { ...context.env, ...addressesOf(ports, component, context), ...spec.env },
      onSpawned,
      onWait: (message) =>
        context.emit({ type: 'service-waiting', component: context.component, service: spec.name, message }),
      ...(isLast ? { onReady } : {}),
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
async function useServices(stage: Stage, early: EarlyClient, context: ComponentContext): Promise<Finding[]> {
  const { running, proxies, component } = stage;
  const { target, drain } = component;
  // One that is told to stop ends as it should.
  const lasting = drain === undefined ? running : running.filter(({ spec }) => spec.name !== target);
  const obsolete = new AbortController();
  const signal = AbortSignal.any([context.signal, obsolete.signal]);
  for (const service of running) service.watchErrors();
  const client = runClient(stage, await early.take(), { ...context, signal });
  const deaths = lasting.map(async (service) => {
    const death = await service.died;
    // At the time limit, asking a service for its stacks may end it: that is not its own death.
    if (context.signal.aborted) return client;
    const { exit } = death;
    context.emit({
      type: 'service-died',
      ...{ component: context.component, service: service.spec.name },
      ...{ exitCode: exit?.code ?? null, signal: exit?.signal ?? null },
    });
    return { service, death };
  });
  const broken = proxies?.failed.catch(() => 'broken' as const);
  const first = await Promise.race([client, ...deaths, ...(broken === undefined ? [] : [broken])]);
  if (!Array.isArray(first)) {
    const culprit = first === 'broken' ? 'a proxy' : first.service.spec.name;
    obsolete.abort({ type: 'obsolete', because: `${culprit} died` } satisfies StopReason);
  }
  const found = await client;
  const unused = (await proxies?.report()) ?? [];
  if (!Array.isArray(first) && first !== 'broken')
    return [await first.service.explainDeath(first.death), ...found.filter(isLeak)];
  if (context.signal.aborted) return withMeanwhile(found, running, context);
  const failed = context.verdictOf(found) === 'failed';
  const died = await firstDeath(lasting, failed ? CRASH_VISIBLE_WITHIN : 0);
  if (died !== undefined) return [await died.service.explainDeath(died.death), ...found.filter(isLeak)];
  return withMeanwhile(failed ? found : [...found, ...unused], running, context);
}

/** Adds to a client's failure what the services printed meanwhile. */
function withMeanwhile(
  findings: readonly Finding[],
  running: readonly RunningService[],
  { verdictOf }: ComponentContext,
): Finding[] {
  const meanwhile = running.flatMap((service) => {
    const message = service.firstError();
    return message === undefined ? [] : [{ step: service.spec.name, message }];
  });
  const unheard = running.find(({ isUnheard }) => isUnheard);
  const hint = unheard === undefined ? undefined : unheardHint(unheard.spec);
  return toldMeanwhile(findings, meanwhile, verdictOf, hint);
}

function unheardHint(service: Service): string {
  return `what ${service.name} printed meanwhile is lost: ${DISCARDED}; ${howToHear(service)}`;
}

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
  stage: Stage,
  ahead: HeldStep | undefined,
  context: ComponentContext,
): Promise<Finding[]> {
  const { component, running, proxies } = stage;
  const ports = (await proxies?.portsFor('client', portsOf(stage))) ?? portsOf(stage);
  const step = clientStep(component, ports, context);
  if (step !== undefined) return runStep({ ...step, entrance: proxies?.entrance }, context, ahead);
  const { target } = component;
  const own = running.find(({ spec }) => spec.name === target);
  const shared = context.services.get(target);
  const service = own ?? (shared === undefined ? undefined : { ...shared.address, pid: shared.pid });
  if (component.client.type !== 'load' || service === undefined)
    throw new Error(`there is no service ${component.target}: it must have been refused`);
  const { runLoadClient } = await import('./load-client.ts');
  const port = ports.get(component.target) ?? null;
  // A proxy stands on localhost.
  const host = port === service.port ? service.host : undefined;
  const url = shared?.address.url;
  const { drain } = component;
  const test =
    drain === undefined || own === undefined
      ? undefined
      : new (await import('./drain.ts')).DrainTest(drain, own, context);
  return runLoadClient(component.client.load, { port, host, url }, service.pid, context, test);
}
