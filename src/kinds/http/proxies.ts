/** The fault proxies of one attempt: who uses which of them, and what they have seen. */
import { portVariable } from '../../core/address.ts';
import type { Finding } from '../../core/finding.ts';
import type { HttpFault } from '../../core/http-fault.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { findProgram } from '../../files/find-program.ts';
import type { Entrance } from '../../process/ownership/command-owner.ts';
import { hasSocketTable, peersOf } from '../../process/system/sockets.ts';
import { FaultProxy } from '../../proxy/fault-proxy.ts';
import type { OwnNetwork } from '../../proxy/protocol.ts';
import { unusedFaults } from '../../proxy/unused.ts';
import type { ComponentContext } from '../common/context.ts';
import type { HttpComponent } from './component.ts';

/** Who uses a service through a proxy. */
type User = 'client' | 'services';

interface Placed {
  readonly service: string;
  readonly user: User;
  readonly faults: readonly HttpFault[];
  readonly proxy: FaultProxy;
}

const LOOK_EVERY = 500;

/** Notes who connects to a port from a given moment on. */
class Peers {
  readonly #port: number;
  readonly #before: ReadonlySet<number>;
  readonly #seen = new Set<number>();
  readonly #timer: NodeJS.Timeout;

  constructor(port: number) {
    this.#port = port;
    this.#before = new Set(peersOf(port));
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY).unref();
  }

  #look(): void {
    for (const peer of peersOf(this.#port)) if (!this.#before.has(peer)) this.#seen.add(peer);
  }

  /** @returns how many were seen since, not counting these ports */
  end(known: readonly number[]): number {
    clearInterval(this.#timer);
    this.#look();
    for (const port of known) this.#seen.delete(port);
    return this.#seen.size;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

export class FaultProxies {
  /** What starts the client where it finds the proxy in the service's place; undefined if it need not be. */
  readonly entrance: Entrance | undefined;
  readonly #component: HttpComponent;
  readonly #context: ComponentContext;
  readonly #placed: readonly Placed[];
  readonly #ports = new Map<string, number>();
  #peers: Peers | undefined;

  private constructor(
    component: HttpComponent,
    context: ComponentContext,
    placed: readonly Placed[],
    entrance: Entrance | undefined,
  ) {
    this.#component = component;
    this.#context = context;
    this.#placed = placed;
    this.entrance = entrance;
    if (entrance === undefined) return;
    for (const [name, { address }] of context.services)
      if (name !== component.target && address.port !== null) this.#passes(address.port);
  }

  /**
   * Starts them all.
   *
   * @param onDie called with the name of a service that a fault wants killed
   * @returns the proxies, or why one could not be started
   */
  static async start(
    component: HttpComponent,
    context: ComponentContext,
    onDie: (service: string) => void,
  ): Promise<FaultProxies | Finding> {
    const wanted = [
      { service: component.target, user: 'client' as const, faults: component.via },
      ...component.services.map(({ name, via }) => ({
        service: name,
        user: 'services' as const,
        faults: via,
      })),
    ].filter(({ faults }) => faults.length > 0);
    const placed: Placed[] = [];
    const giveUp = async (finding: Finding): Promise<Finding> => {
      await Promise.all(placed.map(({ proxy }) => proxy.end()));
      return finding;
    };
    for (const each of wanted) {
      const isClients = each.user === 'client';
      const name = isClients ? 'proxy' : `proxy of ${each.service}`;
      const isApart = isClients && component.isApart === true;
      const options = { name, faults: each.faults, isApart, onDie: () => onDie(each.service) };
      const started = await FaultProxy.start(options, context);
      if (!started.ok) return giveUp(started.error);
      placed.push({ ...each, proxy: started.value });
    }
    const entrance = await entranceOf(component, placed, context);
    if (!entrance.ok) return giveUp(entrance.error);
    return new FaultProxies(component, context, placed, entrance.value);
  }

  /** Rejects when one of them ends by itself. */
  get failed(): Promise<never> {
    return Promise.race(this.#placed.map(({ proxy }) => proxy.failed));
  }

  /**
   * The ports for a user: those of its proxies in place of those of the services behind them.
   *
   * @throws MachineTrouble or Error when such a proxy has ended
   */
  async portsFor(
    user: User,
    ports: ReadonlyMap<string, number | null>,
  ): Promise<ReadonlyMap<string, number | null>> {
    const mine = this.#placed.filter((each) => each.user === user && ports.has(each.service));
    const theirs = await Promise.all(
      mine.map(
        async ({ service, proxy }): Promise<[string, number]> => [service, await proxy.untilReached()],
      ),
    );
    return new Map([...ports, ...theirs]);
  }

  /**
   * A service has been started, and will listen on that port.
   *
   * @param host the address on which it does; undefined: those of localhost
   */
  spawned(service: string, port: number | null, host: string | undefined): void {
    if (port === null) return;
    this.#ports.set(service, port);
    for (const each of this.#placed) if (each.service === service) each.proxy.serves({ port, host });
    if (this.entrance !== undefined && service !== this.#component.target) this.#passes(port);
  }

  /** The client reaches another service as well, although it is in a network of its own. */
  #passes(port: number): void {
    for (const { user, proxy } of this.#placed) if (user === 'client') proxy.passes(port);
  }

  /** The client is about to be released: from now on a connection that bypasses its proxy is its own. */
  watch(): void {
    const { target, services, via } = this.#component;
    const port = this.#ports.get(target);
    const isShared = services.some(({ needs }) => needs.includes(target));
    if (this.#peers !== undefined || port === undefined || via.length === 0 || isShared) return;
    // From a network of its own the client reaches nothing else.
    if (this.entrance !== undefined) return;
    if (hasSocketTable()) this.#peers = new Peers(port);
  }

  /**
   * Reports what they have seen, once the client has ended.
   *
   * @returns faults that never happened
   * @throws MachineTrouble or Error when one of them has failed
   */
  async report(): Promise<Finding[]> {
    const findings: Finding[] = [];
    for (const placed of this.#placed) {
      const { report, ports } = await placed.proxy.report();
      const isClients = placed.user === 'client';
      const bypassing = isClients ? this.#peers?.end(ports) : undefined;
      this.#peers = isClients ? undefined : this.#peers;
      const bypassed = bypassing === undefined ? null : { connections: bypassing };
      const whole = { ...report, bypassed };
      const { service, user, faults } = placed;
      const who = isClients ? 'the client' : `the services that need ${service}`;
      this.#context.emit({
        type: 'proxy-finished',
        component: this.#component.name,
        service,
        user,
        report: whole,
      });
      findings.push(
        ...unusedFaults(
          {
            service,
            who,
            port: this.#ports.get(service),
            variable: isClients ? 'PORT' : portVariable(service),
            faults,
          },
          whole,
        ),
      );
    }
    return findings;
  }

  async end(): Promise<void> {
    this.#peers?.stop();
    await Promise.all(this.#placed.map(({ proxy }) => proxy.end()));
  }
}

/** How the client enters the network of its proxy, if it is to have one. */
async function entranceOf(
  { isApart }: HttpComponent,
  placed: readonly Placed[],
  { env }: ComponentContext,
): Promise<Result<Entrance | undefined, Finding>> {
  const proxy = placed.find(({ user }) => user === 'client')?.proxy;
  if (isApart !== true || proxy === undefined) return ok(undefined);
  const network = await proxy.network;
  if (!network.ok) return err(noNetwork(network.error));
  const program = findProgram('nsenter', env.PATH);
  if (program === undefined) return err(noNetwork('`nsenter` (util-linux) is not installed'));
  return ok(network.value === null ? undefined : entering(program, network.value));
}

/** Keeps the user that it is started by. */
function entering(nsenter: string, { pid, isUser }: OwnNetwork): Entrance {
  const user = isUser ? [`--user=/proc/${pid}/ns/user`, '--preserve-credentials'] : [];
  return [nsenter, ...user, `--net=/proc/${pid}/ns/net`, '--'];
}

const noNetwork = (why: string): Finding => ({
  code: 'machine-trouble',
  step: 'proxy',
  message: `no network namespace can be made for the client: ${why}`,
  hint: 'as root, or where user namespaces are permitted, it can be',
});
