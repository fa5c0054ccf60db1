/** What a fault proxy is told, and what it reports. Each message is a line of JSON. */
import type { HttpFault, ProxyReport } from '../../core/http-fault.ts';

/** Holds the `ProxyOrder`, which other users cannot read there. */
export const ORDER_VARIABLE = 'SHAKEDOWN_PROXY';

/** What a proxy is started with. */
export interface ProxyOrder {
  /** Where its runner listens for it, on 127.0.0.1. */
  readonly control: number;
  /** Where to listen. If somebody else has taken it meanwhile, any other will do. */
  readonly port: number;
  /** Proves to the runner that it is its proxy. */
  readonly token: string;
  readonly faults: readonly HttpFault[];
  readonly seed: number;
}

export type ToProxy =
  /** The service has been started, and will listen on this port. */
  | { readonly type: 'upstream'; readonly port: number }
  /** Its users have ended. */
  | { readonly type: 'report' };

export type FromProxy =
  /** It listens. */
  | { readonly type: 'listening'; readonly token: string; readonly port: number }
  /** The service is to be killed now. */
  | { readonly type: 'die' }
  | {
      readonly type: 'report';
      readonly report: Omit<ProxyReport, 'bypassed'>;
      /** The local ports of its connections to the service. */
      readonly ports: readonly number[];
      /** The system's code for an error that is the machine's fault, such as EMFILE; null: there was none. */
      readonly trouble: string | null;
    };
