/** The words of `http({ … })`: its services, when they are ready, and its client. */
import * as v from 'valibot';
import { type LoadOptions, LoadSchema, ThresholdsSchema } from '../../load/options/options.ts';
import { FAULT_PLACES, type FaultOptions, FaultSchema, ViaSchema } from '../common/fault-options.ts';
import { type CommonOptions, common } from '../common/options.ts';
import { anyOptionsOf, FlagSchema, namedValues, optionsOf, TextSchema } from '../common/schema.ts';
import {
  ReadySchema,
  SERVICE_ENTRIES,
  SERVICE_PLACES,
  type ServiceOptions,
  type StopSignalOptions,
  StopSignalSchema,
} from '../common/service-options.ts';
import {
  type DurationOptions,
  DurationSchema,
  ExitCodeSchema,
  type ExpectOptions,
  ExpectSchema,
  type RunOptions,
  RunSchema,
} from '../common/words.ts';

/** A service and the client that tests it. */
export interface HttpOptions extends CommonOptions {
  /** Marks the kind; `http()` sets it. */
  readonly kind: 'http';
  /** The service that the client tests. */
  readonly server?: OwnServiceOptions;
  /** Name of the service of the suite that the client tests, instead of one of its own. */
  readonly use?: string;
  /** Several services by name. The client tests `server` or, if there is none, the one that no other service needs. */
  readonly services?: Readonly<Record<string, OwnServiceOptions>>;
  /** A command, or the built-in client: `load({ … })`. */
  readonly client: RunOptions | ClientOptions | LoadOptions;
  /** Conditions that the built-in client's measurements must meet, such as `p99 < 50ms`, `failed < 0.1%` or `rate >= 1000/s`. A condition on `errors` or `failed` says how many failures are tolerated; without one, none are. */
  readonly thresholds?: readonly string[];
  /** What happens to the answers of the service on their way to the client: `fault({ … })`, or a list of these. */
  readonly via?: FaultOptions | readonly FaultOptions[];
  /** Tells the server, in the middle of the load, to stop or to restart, and demands that no request is lost. The load then lasts until the server is gone. */
  readonly drain?: DrainOptions;
}

declare module '../options.ts' {
  interface OptionsByKind {
    http: HttpOptions;
  }
}

/** A service of one component. */
export interface OwnServiceOptions extends ServiceOptions {
  /** What happens to its answers on their way to the services that need it: `fault({ … })`, or a list of these. */
  readonly via?: FaultOptions | readonly FaultOptions[];
}

/** How a server is told to stop, or to restart, in the middle of the load. */
export interface DrainOptions {
  /** How long load is sent before. Default: 3s. */
  readonly after?: DurationOptions;
  /** The signal that its main process gets. Default: SIGTERM; for a restart SIGHUP. */
  readonly signal?: StopSignalOptions;
  /** In what time it must have ended, or restarted. Default: 10s. */
  readonly within?: DurationOptions;
  /** The signal makes it replace the processes that serve, and not a single request may fail. Default: false. */
  readonly restart?: boolean;
  /** The exit code that it must end with. A death of signal number n counts as 128 + n: 143 for SIGTERM. Default: 0. */
  readonly exitCode?: number;
}

/** @internal */
export const DRAIN_DEFAULTS = {
  after: '3s',
  within: '10s',
  restart: false,
  exitCode: 0,
} as const satisfies Partial<DrainOptions>;

/** A command that uses the service and checks what it gets. */
export interface ClientOptions {
  /** The command. `$PORT` is the port of the service. */
  readonly run: RunOptions;
  /** What it must do to pass. */
  readonly expect?: ExpectOptions;
  /** Where it writes the results of its tests, as for a `command`. */
  readonly results?: string;
}

/** @internal */
export const OwnServiceSchema = optionsOf<OwnServiceOptions>('OwnServiceOptions', {
  ...SERVICE_ENTRIES,
  via: v.optional(ViaSchema),
});

/** @internal */
export const DrainSchema = anyOptionsOf<DrainOptions>('DrainOptions', {
  after: v.optional(DurationSchema),
  signal: v.optional(StopSignalSchema),
  within: v.optional(DurationSchema),
  restart: v.optional(FlagSchema),
  exitCode: v.optional(ExitCodeSchema),
});

/** @internal */
export const ClientSchema = optionsOf<ClientOptions>('ClientOptions', {
  run: RunSchema,
  expect: v.optional(ExpectSchema),
  results: v.optional(TextSchema),
});

/** @internal Which schema a client is held against: told by its form, so that a mistake in it is reported as what it is. */
export const AnyClientSchema: v.GenericSchema<unknown, HttpOptions['client']> = v.lazy((input) => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return RunSchema;
  return 'kind' in input ? LoadSchema : ClientSchema;
});

/** @internal */
export const HttpSchema = optionsOf<HttpOptions>('HttpOptions', {
  kind: v.literal('http'),
  server: v.optional(OwnServiceSchema),
  services: v.optional(namedValues(OwnServiceSchema, 'must be an object of named services')),
  use: v.optional(TextSchema),
  client: AnyClientSchema,
  thresholds: v.optional(ThresholdsSchema),
  via: v.optional(ViaSchema),
  drain: v.optional(DrainSchema),
  ...common,
});

/** @internal */
export const CHOICES: readonly v.GenericSchema[] = [ClientSchema, LoadSchema, ReadySchema, FaultSchema];

/** @internal */
export const PLACES: Readonly<Record<string, string>> = {
  OwnServiceOptions: 'server: { … }',
  ClientOptions: 'client: { … }',
  DrainOptions: 'drain: { … }',
  ...SERVICE_PLACES,
  ...FAULT_PLACES,
};
