/** Faults that a proxy puts between a service and those who use it, and what it tells of its work. Plain data. */

/** What happens to an answer, or to the connection that it comes on. */
export type FaultAction =
  /** Nothing: the proxy is there, and changes no byte. */
  | { readonly type: 'none' }
  /** Another status, with the body as it was. */
  | { readonly type: 'status'; readonly status: number }
  | { readonly type: 'empty-body' }
  /** The first half of the body, as a complete message of that length. */
  | { readonly type: 'truncated-body' }
  /** One scalar of a JSON body has another value of the same type; another one each time. */
  | { readonly type: 'wrong-value' }
  /** One member of an object in a JSON body is gone; another one each time. */
  | { readonly type: 'missing-field' }
  /** One scalar of a JSON body has another type; another one each time. */
  | { readonly type: 'wrong-type' }
  /** Another media type, with the body as it was. */
  | { readonly type: 'content-type' }
  /** A body that is no JSON in place of one that is. */
  | { readonly type: 'not-json' }
  /** What another request was answered with before. */
  | { readonly type: 'other-answer' }
  /** What the same request was answered with before, if that was different. */
  | { readonly type: 'stale-answer' }
  /** The answer comes that much later, in milliseconds. */
  | { readonly type: 'latency'; readonly ms: number }
  /** The answer never comes; the connection stays open. */
  | { readonly type: 'hang' }
  /** The connection is reset in place of the answer. */
  | { readonly type: 'reset' }
  /** The answer comes no faster than that. */
  | { readonly type: 'bandwidth'; readonly bytesPerSecond: number }
  /** The service is killed once it has given that many answers; none comes after them. */
  | { readonly type: 'die'; readonly after: number };

export type FaultType = FaultAction['type'];

/** Which answers a fault is meant for. All conditions must hold; without any it is meant for all. */
export interface FaultScope {
  /** One in so many, beginning in the middle of the first so many: of `every: 20` the 10th, the 30th, … */
  readonly every?: number;
  /** Only the first so many. */
  readonly first?: number;
  /** Only the answers to these requests; the path is without its query. */
  readonly match?: { readonly method?: string; readonly path?: string };
}

export type HttpFault = FaultAction & FaultScope;

/** A kind of answer that the proxy has seen. */
export interface SeenAnswer {
  readonly method: string;
  /** Without its query. */
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

/** What one proxy saw and did, until the client ended. */
export interface ProxyReport {
  /** That were made to it. */
  readonly connections: number;
  readonly requests: number;
  /**
   * Final answers of the service. On a connection that is not read: how often the service sent something after it was
   * sent something.
   */
  readonly answers: number;
  /** How many of these, or of their connections, a fault really changed: 0 means that it never happened. */
  readonly changed: number;
  /** The same by fault, in the order of `via`. An answer that two faults changed counts for both. */
  readonly changedBy: readonly number[];
  /** Connections that were passed on without being read, so that only faults of connections can happen to them. */
  readonly opaque: { readonly tls: number; readonly http2: number; readonly upgrades: number };
  /** Messages that were no HTTP/1.1, and were passed on as they were. */
  readonly malformed: number;
  /** The median of the milliseconds from a request to its answer, before any fault; null without an answer. */
  readonly medianMs: number | null;
  readonly seen: readonly SeenAnswer[];
  /** Whether there was more to see than `seen` holds. */
  readonly isSeenCut: boolean;
  /** Connections to the service by others than the proxy, of those that were seen; null where that cannot be seen. */
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
