/** What a fault proxy is told, and what it reports. Each message is a line of JSON. */
import type { HttpFault, ProxyReport } from '../core/http-fault.ts';

/** Holds the `ProxyOrder`, which other users cannot read there. */
export const ORDER_VARIABLE = 'SHAKEDOWN_PROXY';

/** For `unshare`: ordinary users need a user namespace, whose rights serve to bring the interface up. */
export const AS_ORDINARY_USER = ['--user', '--map-current-user', '--keep-caps'] as const;

/** What a proxy is started with. */
export interface ProxyOrder {
  /** Where its runner listens for it, on 127.0.0.1. */
  readonly control: number;
  /**
   * Where to listen. If somebody else has taken it meanwhile, any other will do. Null: on the very port of the service,
   * in a network of its own, in which its users are to run.
   */
  readonly port: number | null;
  /** Proves to the runner that it is its proxy. */
  readonly token: string;
  readonly faults: readonly HttpFault[];
  readonly seed: number;
}

/** A network namespace with nothing in it but the proxy. */
export interface OwnNetwork {
  /** The process that keeps it, as the proxy sees it. */
  readonly pid: number;
  /** Whether it belongs to a user namespace, which has to be entered as well. */
  readonly isUser: boolean;
}

/** Where a service listens. */
export interface Upstream {
  readonly port: number;
  /** An address of this machine; undefined: those of localhost. */
  readonly host?: string | undefined;
}

export type ToProxy =
  /** The service has been started, and will listen there. */
  | { readonly type: 'upstream'; readonly service: Upstream }
  /** Another service, for users in a network of the proxy's own: they reach it on its port as well, without faults. */
  | { readonly type: 'beside'; readonly port: number }
  /** Its users have ended. */
  | { readonly type: 'report' };

export type FromProxy =
  /** It is there, and has a network of its own if it was to. */
  | { readonly type: 'up'; readonly token: string; readonly network: OwnNetwork | null }
  /** It could not make a network of its own. */
  | { readonly type: 'refused'; readonly token: string; readonly why: string }
  /** It listens for users of the service, or of another one. */
  | { readonly type: 'listening'; readonly port: number }
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

/** To the process in a network of the proxy's own. */
export interface ToInside {
  /** Where to listen. */
  readonly port: number;
}

/** From there. */
export type FromInside =
  | { readonly type: 'up' }
  | { readonly type: 'refused'; readonly why: string }
  /** Comes with a socket that listens on that port. */
  | { readonly type: 'socket'; readonly port: number }
  /** There was the last one for that port. */
  | { readonly type: 'listening'; readonly port: number };
