/** Faults that a proxy injects between a service and its users, and its report on them. Plain data. */

/** What happens to an answer, or to the connection that it comes on. */
export type FaultAction =
  /** Nothing: the proxy is there, but changes nothing. */
  | { readonly type: 'none' }
  /** Another status, with the same body. */
  | { readonly type: 'status'; readonly status: number }
  | { readonly type: 'empty-body' }
  /** The first half of the body, as a complete message of that length. */
  | { readonly type: 'truncated-body' }
  /** One scalar of a JSON body has another value of the same type; a different one each time. */
  | { readonly type: 'wrong-value' }
  /** One member of an object in a JSON body is missing; a different one each time. */
  | { readonly type: 'missing-field' }
  /** One scalar of a JSON body has another type; a different one each time. */
  | { readonly type: 'wrong-type' }
  /** Another media type, with the same body. */
  | { readonly type: 'content-type' }
  /** A body that is not JSON instead of one that is. */
  | { readonly type: 'not-json' }
  /** An earlier answer to another request. */
  | { readonly type: 'other-answer' }
  /** An earlier answer to the same request, if it was different. */
  | { readonly type: 'stale-answer' }
  /** The answer comes this many milliseconds later. */
  | { readonly type: 'latency'; readonly ms: number }
  /** The answer never comes; the connection stays open. */
  | { readonly type: 'hang' }
  /** The connection is reset instead of the answer. */
  | { readonly type: 'reset' }
  /** The answer comes no faster than this. */
  | { readonly type: 'bandwidth'; readonly bytesPerSecond: number }
  /** The service is killed once it has given this many answers; none follows. */
  | { readonly type: 'die'; readonly after: number };

export type FaultType = FaultAction['type'];

/** Which answers a fault applies to. All conditions must hold; without any it applies to all. */
export interface FaultScope {
  /** One in this many, starting in the middle of the first group: with `every: 20` the 10th, the 30th, … */
  readonly every?: number;
  /** Only the first ones, up to this many. */
  readonly first?: number;
  /** Only the answers to these requests; the path is without its query. */
  readonly match?: { readonly method?: string; readonly path?: string };
}

export type HttpFault = FaultAction & FaultScope;

/** A kind of answer that the proxy has seen. */
export interface SeenAnswer {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  /** The media type without parameters; null if there was none. */
  readonly contentType: string | null;
  /** Whether the bodies were JSON, where they were read. */
  readonly isJson: boolean;
  readonly count: number;
  /** JSON paths of the scalars in the body, such as `$.items[0].id`; the first ones. */
  readonly fields: readonly string[];
}

/** Whether an earlier answer differed from a later one, so that it could be given in its place. */
export interface Alternatives {
  /** To another request. */
  readonly other: boolean;
  /** To the same one. */
  readonly stale: boolean;
}

/** What one proxy saw and did, until the client ended. */
export interface ProxyReport {
  /** How many were made to it. */
  readonly connections: number;
  readonly requests: number;
  /**
   * Final answers of the service. On a connection that is not read: how often the service sent something after
   * receiving something.
   */
  readonly answers: number;
  /** How many of these, or of their connections, a fault really changed; 0: no fault ever happened. */
  readonly changed: number;
  /** The same by fault, in the order of `via`. An answer that two faults changed counts for both. */
  readonly changedBy: readonly number[];
  /** Which values in JSON a fault changed or removed, such as `$.items[].id of GET /items`; the first ones. */
  readonly changedFields: readonly string[];
  /** Connections that were passed on unread, so that only faults of connections can happen to them. */
  readonly opaque: { readonly tls: number; readonly http2: number; readonly upgrades: number };
  /** Messages that were not HTTP/1.1, and were passed on unchanged. */
  readonly malformed: number;
  /** The median time in milliseconds from a request to its answer, before any fault; null if there was no answer. */
  readonly medianMs: number | null;
  readonly seen: readonly SeenAnswer[];
  /** Whether more was seen than `seen` contains. */
  readonly isSeenCut: boolean;
  /** Also true where not all answers were compared; null unless it was asked for by a fault of type `none`. */
  readonly alternatives: Alternatives | null;
  /** How many connections to the service bypassed the proxy, as far as seen; null where that cannot be seen. */
  readonly bypassed: { readonly connections: number } | null;
}

const plain = (fault: HttpFault): string => {
  switch (fault.type) {
    case 'status':
      return `status ${fault.status}`;
    case 'latency':
      return `latency of ${fault.ms} ms`;
    case 'bandwidth':
      return `bandwidth of ${fault.bytesPerSecond} bytes a second`;
    case 'die':
      return `die after ${fault.after} answers`;
    default:
      return fault.type;
  }
};

/** A fault in words: `status 503 (first 2, GET /items)`. */
export function describeFault(fault: HttpFault): string {
  const { first, every, match } = fault;
  const scope = [
    ...(first === undefined ? [] : [`first ${first}`]),
    ...(every === undefined || every === 1 ? [] : [`1 in ${every}`]),
    ...(match === undefined
      ? []
      : [[match.method, match.path].filter((each) => each !== undefined).join(' ')]),
  ];
  return scope.length === 0 ? plain(fault) : `${plain(fault)} (${scope.join(', ')})`;
}
