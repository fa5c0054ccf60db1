/** The proxy with the faults of a service of the suite: whoever needs the service is given its address. */
import { type Address, isLoopback, LOOPBACK, portVariable } from '../../core/address.ts';
import type { Finding } from '../../core/finding.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Service } from '../../core/suite.ts';
import type { ComponentContext } from '../../kinds/common/context.ts';
import { FaultProxy } from '../../proxy/fault-proxy.ts';
import { unusedFaults } from '../../proxy/unused.ts';
import { keepFailure } from '../supervise.ts';

export class Front {
  /** Resolves, with the reason, when it ends without having been asked to. */
  readonly failed: Promise<Finding>;
  readonly #spec: Service;
  readonly #context: ComponentContext;
  readonly #proxy: FaultProxy;
  #port: number | undefined;

  private constructor(spec: Service, context: ComponentContext, proxy: FaultProxy) {
    this.#spec = spec;
    this.#context = context;
    this.#proxy = proxy;
    this.failed = proxy.failed.catch((error: unknown) => this.#failure(error));
  }

  /**
   * Starts it, so that it listens by the time that the service is ready.
   *
   * @param port where it is to listen; undefined, or taken meanwhile: on any free one
   */
  static async start(
    spec: Service,
    context: ComponentContext,
    port: number | undefined,
  ): Promise<Result<Front, Finding>> {
    const options = {
      ...{ name: `proxy of ${spec.name}`, faults: spec.via, isApart: false, port },
      onDie: () => {},
    };
    const started = await FaultProxy.start(options, context);
    return started.ok ? ok(new Front(spec, context, started.value)) : started;
  }

  /**
   * Stands before the service.
   *
   * @param address its own
   * @returns the one for its users, or why there is none
   */
  async before(address: Address): Promise<Result<Address, Finding>> {
    const { host, port } = address;
    if (port === null) return ok(address);
    this.#port = port;
    this.#proxy.serves({ port, host: isLoopback(host) ? undefined : host });
    try {
      return ok({ ...address, host: LOOPBACK, port: await this.#proxy.port });
    } catch (error) {
      return err(this.#failure(error));
    }
  }

  /** What is to be said once its users have ended: which faults none of them has met. */
  async report(): Promise<Finding[]> {
    const { name: service, via: faults } = this.#spec;
    try {
      const report = { ...(await this.#proxy.report()).report, bypassed: null };
      const { component, emit } = this.#context;
      emit({ type: 'proxy-finished', component, service, user: 'all', report });
      const variable = portVariable(service);
      return unusedFaults({ service, who: 'its users', port: this.#port, variable, faults }, report);
    } catch (error) {
      return [this.#failure(error)];
    }
  }

  async end(): Promise<void> {
    await this.#proxy.end();
  }

  #failure(error: unknown): Finding {
    return keepFailure(error, this.#spec.name, this.#context.log);
  }
}
