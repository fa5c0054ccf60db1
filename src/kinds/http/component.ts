import type { HttpFault } from '../../core/http-fault.ts';
import type { LoadClient } from '../../core/load.ts';
import type { Command, ComponentBase, Expectation, Service } from '../../core/suite.ts';

export type Client =
  | { readonly type: 'command'; readonly command: Command; readonly expect: Expectation }
  | { readonly type: 'load'; readonly load: LoadClient };

export interface HttpComponent extends ComponentBase {
  readonly kind: 'http';
  /** In starting order: each after those it needs. */
  readonly services: readonly Service[];
  /** Name of the service that the client tries: one of these, or one of the suite. */
  readonly target: string;
  readonly client: Client;
  /** What happens between the client and the service that it tries; none: they are connected directly. */
  readonly via: readonly HttpFault[];
}
