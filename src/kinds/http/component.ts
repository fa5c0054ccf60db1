import type { HttpFault } from '../../core/http-fault.ts';
import type { LoadClient } from '../../core/load.ts';
import type { Command, ComponentBase, Expectation, Service, StopSignal } from '../../core/suite.ts';
import type { Ms } from '../../core/units.ts';

export type Client =
  | {
      readonly type: 'command';
      readonly command: Command;
      readonly expect: Expectation;
      readonly results?: string;
    }
  | { readonly type: 'load'; readonly load: LoadClient };

/** The server is told to stop, or to restart, in mid-load. */
export interface Drain {
  /** Milliseconds of load before it is told. */
  readonly after: Ms;
  readonly signal: StopSignal;
  /** Milliseconds in which it must have ended, or restarted. */
  readonly within: Ms;
  readonly isRestart: boolean;
  /** How a server that was to stop must end. A death of signal number n counts as 128 + n. */
  readonly exitCode: number;
}

export interface HttpComponent extends ComponentBase {
  readonly kind: 'http';
  /** In starting order: each after those it needs. */
  readonly services: readonly Service[];
  /** Name of the service that the client tries: one of these, or one of the suite. */
  readonly target: string;
  readonly client: Client;
  /** What happens between the client and the service that it tries; none: they are connected directly. */
  readonly via: readonly HttpFault[];
  readonly drain?: Drain;
  /**
   * The client runs in a network of its own, where the proxy stands in the very place of the service: it cannot go past it,
   * not even with a port that is written into it.
   */
  readonly isApart?: boolean;
}
