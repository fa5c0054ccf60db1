/** The words of `fault({ … })`: what goes wrong between a service and whoever uses it. */
import * as v from 'valibot';
import { BANDWIDTH } from './bandwidth.ts';
import { anyOptionsOf, count, listOf, optionsOf, TextSchema, whole } from './schema.ts';
import { type DurationOptions, DurationSchema } from './words.ts';

/** A fault: what goes wrong between a service and whoever uses it, on purpose. */
export type FaultOptions =
  | FaultStatusOptions
  | FaultLatencyOptions
  | FaultBandwidthOptions
  | FaultResetOptions
  | FaultHangOptions
  | FaultChangeOptions;

/** Which answers a fault happens to. Without any of these: all. */
export interface FaultScopeOptions {
  /** Only the first so many. */
  readonly first?: number;
  /** One in so many: of `every: 20` the 10th, the 30th, and so on. */
  readonly every?: number;
  /** Only the answers to some requests. */
  readonly match?: FaultMatchOptions;
}

/** The requests whose answers a fault happens to. */
export interface FaultMatchOptions {
  /** The method, such as `GET`. */
  readonly method?: string;
  /** The path without its query, such as `/items`. */
  readonly path?: string;
}

/** An answer has another status. Its body stays as it was. */
export interface FaultStatusOptions extends FaultScopeOptions {
  /** The status: 200 to 599. One that has no body, such as 204, takes it away. */
  readonly status: number;
}

/** An answer comes later. */
export interface FaultLatencyOptions extends FaultScopeOptions {
  /** How much later. */
  readonly latency: DurationOptions;
}

/** An answer comes slowly. */
export interface FaultBandwidthOptions extends FaultScopeOptions {
  /** How much of it comes each second, such as `10 KB/s`; of each connection. */
  readonly bandwidth: string;
}

/** A connection is reset in place of an answer. */
export interface FaultResetOptions extends FaultScopeOptions {
  /** `true`, or how often: `1 in 50`. */
  readonly reset: true | string;
}

/** An answer never comes, and neither does any other on its connection, which stays open. */
export interface FaultHangOptions extends FaultScopeOptions {
  /** `true`, or how often: `1 in 50`. */
  readonly hang: true | string;
}

/** An answer is another one than the service gave. */
export interface FaultChangeOptions extends FaultScopeOptions {
  /** What is changed. */
  readonly change: FaultChange;
}

/**
 * What a fault changes of an answer. In a JSON body it is one value, of the same type (`wrong-value`) or of another one
 * (`wrong-type`), or one member of an object is gone (`missing-field`): another one each time. `truncated-body` has the
 * first half of the body, `stale-answer` is what the same request was answered with before, `other-answer` what another
 * request was.
 */
export type FaultChange =
  | 'empty-body'
  | 'truncated-body'
  | 'wrong-value'
  | 'missing-field'
  | 'wrong-type'
  | 'content-type'
  | 'not-json'
  | 'other-answer'
  | 'stale-answer';

const FAULT_MESSAGE =
  'must be one of { status }, { latency }, { bandwidth }, { reset }, { hang } or { change }, or a list of these';

const scope = {
  first: v.optional(count(1)),
  every: v.optional(count(1)),
  match: v.optional(
    anyOptionsOf<FaultMatchOptions>('FaultMatchOptions', {
      method: v.optional(TextSchema),
      path: v.optional(
        v.pipe(v.string('must be a path'), v.startsWith('/', 'must be a path that begins with /')),
      ),
    }),
  ),
};

const OFTEN_MESSAGE = 'must be true, or how often: "1 in 50"';
const OftenSchema: v.GenericSchema<unknown, true | string> = v.union(
  [v.literal(true), v.pipe(v.string(), v.regex(/^1 in [1-9]\d{0,8}$/, OFTEN_MESSAGE))],
  OFTEN_MESSAGE,
);

const STATUS_MESSAGE = 'must be a status from 200 to 599';
const BANDWIDTH_MESSAGE = 'must be how much comes each second: "500 B/s", "10 KB/s", "1.5 MB/s"';

/** What the option `change` can be. */
const FAULT_CHANGES = [
  ...(['empty-body', 'truncated-body', 'wrong-value', 'missing-field', 'wrong-type'] as const),
  ...(['content-type', 'not-json', 'other-answer', 'stale-answer'] as const),
] satisfies readonly FaultChange[];

/** The faults by the option that tells which one is meant. */
const FAULT_SCHEMAS = {
  status: optionsOf<FaultStatusOptions>('FaultStatusOptions', {
    status: whole(STATUS_MESSAGE, 200, 599),
    ...scope,
  }),
  latency: optionsOf<FaultLatencyOptions>('FaultLatencyOptions', { latency: DurationSchema, ...scope }),
  bandwidth: optionsOf<FaultBandwidthOptions>('FaultBandwidthOptions', {
    bandwidth: v.pipe(v.string(BANDWIDTH_MESSAGE), v.regex(BANDWIDTH, BANDWIDTH_MESSAGE)),
    ...scope,
  }),
  reset: optionsOf<FaultResetOptions>('FaultResetOptions', { reset: OftenSchema, ...scope }),
  hang: optionsOf<FaultHangOptions>('FaultHangOptions', { hang: OftenSchema, ...scope }),
  change: optionsOf<FaultChangeOptions>('FaultChangeOptions', {
    change: v.picklist(FAULT_CHANGES, `must be one of ${FAULT_CHANGES.join(', ')}`),
    ...scope,
  }),
};

/** @internal */
export const FaultSchema: v.GenericSchema<unknown, FaultOptions> = v.union(
  Object.values(FAULT_SCHEMAS),
  FAULT_MESSAGE,
);

/** @internal Which fault is meant is told by its form, so that a mistake in it is reported as what it is. */
export const AnyFaultSchema: v.GenericSchema<unknown, FaultOptions> = v.lazy((input) => {
  if (typeof input !== 'object' || input === null) return FaultSchema;
  const [, meant] = Object.entries(FAULT_SCHEMAS).find(([key]) => key in input) ?? [];
  return meant ?? FaultSchema;
});

/** @internal */
export const ViaSchema: v.GenericSchema<unknown, FaultOptions | readonly FaultOptions[]> = v.lazy((input) =>
  Array.isArray(input) ? listOf(AnyFaultSchema, FAULT_MESSAGE) : AnyFaultSchema,
);

/** @internal How faults are written, by the titles of their schemas. */
export const FAULT_PLACES: Readonly<Record<string, string>> = {
  FaultStatusOptions: 'fault({ status: … })',
  FaultLatencyOptions: 'fault({ latency: … })',
  FaultBandwidthOptions: 'fault({ bandwidth: … })',
  FaultResetOptions: 'fault({ reset: … })',
  FaultHangOptions: 'fault({ hang: … })',
  FaultChangeOptions: 'fault({ change: … })',
};
