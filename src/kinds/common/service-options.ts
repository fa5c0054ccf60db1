/** The words of a service: how it is started, when it is ready, and how it is stopped. */
import { isIP } from 'node:net';
import * as v from 'valibot';
import { STOP_SIGNALS } from '../../core/suite.ts';
import {
  anyOptionsOf,
  type EntriesOf,
  EnvSchema,
  FlagSchema,
  listOf,
  NamesSchema,
  namedValues,
  optionsOf,
  TextSchema,
  whole,
} from './schema.ts';
import {
  type DurationOptions,
  DurationSchema,
  type ExpectOptions,
  OutputSchema,
  type PatternOptions,
  PatternSchema,
  type RunOptions,
  RunSchema,
  type StatusOptions,
  StatusSchema,
} from './words.ts';

/** A program that is kept alive for the client. */
export interface ServiceOptions {
  /** Starts the service. `$PORT` is its port; it is also in the environment. */
  readonly run: RunOptions;
  /** The port it listens on: it is not ready before it does. 0 picks a free one and passes it on as `PORT`. `{ log: /:(\d+)/ }`: it picks one itself, and prints it. */
  readonly port?: number | LogPortOptions;
  /** What its URL begins with, for whoever gets that: `postgres` makes `$DB_URL` something like `postgres://127.0.0.1:5432`. Default: `https` if `ready` asks so, otherwise `http`. */
  readonly scheme?: string;
  /** When it is ready. Default: when its port accepts connections. */
  readonly ready?: ReadyOptions;
  /** How long it may take to become ready. Default: 30s. */
  readonly readyTimeout?: DurationOptions;
  /** How it is asked to stop: a signal or a command. Default: SIGTERM. */
  readonly stop?: StopOptions;
  /** How long it may take to stop, once asked to, before it is killed. Default: 5s. */
  readonly grace?: DurationOptions;
  /** `open`: it gets an input that stays open, for programs that exit when their input ends. Closing it is then the first thing that asks it to stop. Default: its input is at its end. */
  readonly stdin?: 'open';
  /** The command puts the service into the background and returns. Default: false. */
  readonly daemon?: boolean;
  /** For a daemon: the same in the foreground, run briefly to show why the daemon died. */
  readonly foreground?: RunOptions;
  /** Additional environment variables for this service. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder it runs in. Default: the component's. */
  readonly cwd?: string;
  /** What must be ready, or done, first: other services of its component, and services and tasks of the suite. */
  readonly needs?: readonly string[];
  /** What its output must and must not contain. */
  readonly expect?: Omit<ExpectOptions, 'exitCode'>;
}

/** The port that a service picks itself. Its clients get it as soon as it is known; the service itself gets no `PORT`. */
export interface LogPortOptions {
  /** A regular expression for the line of its output that names the port. The first group is the port, as in `/listening on .*:(\d+)/`. */
  readonly log: PatternOptions;
}

/** How a service is asked to stop: the name of a signal, or a command. */
export type StopOptions = StopSignalOptions | StopLongOptions;

/** How a service is asked to stop, in long form. */
export interface StopLongOptions {
  /** The signal. Default: SIGTERM. */
  readonly signal?: StopSignalOptions;
  /** A command that stops the service, such as `redis-cli -p $PORT shutdown`. The signal is sent if it fails, or after half of the `grace`. */
  readonly command?: RunOptions;
  /** Who gets the signal: only the `leader` of the service's processes, or `all` of them at once, as with Ctrl-C. Default: the leader, and after half of the `grace` all that are left. */
  readonly to?: 'leader' | 'all';
  /** How long it may take to stop, once asked to, before it is killed. The same as `grace` of the service. Default: 5s. */
  readonly grace?: DurationOptions;
}

/** A signal that can ask a service to stop. */
export type StopSignalOptions =
  | 'SIGTERM'
  | 'SIGINT'
  | 'SIGQUIT'
  | 'SIGHUP'
  | 'SIGUSR1'
  | 'SIGUSR2'
  | 'SIGWINCH';

/** When a service is ready. */
export type ReadyOptions =
  | ReadyPortOptions
  | ReadyHttpOptions
  | ReadyHttpsOptions
  | ReadyGrpcOptions
  | ReadyUnixOptions
  | ReadyLogOptions
  | ReadyExecOptions
  | ReadyFileOptions
  | ReadyHealthyOptions
  | ReadyAllOptions
  | ReadyAnyOptions;

/** Ready when the port accepts connections. `true` means the service's own port. */
export interface ReadyPortOptions {
  /** The port, or `true` for the service's own. */
  readonly port: number | true;
  /** An address of this machine on which the service listens. Default: those of localhost. */
  readonly host?: string;
}

/** What requests that ask whether a service is ready are like. */
export interface ReadyRequestOptions {
  /** The status, or range, that means ready. Default: 200 to 399. */
  readonly status?: StatusOptions;
  /** The method. Default: GET. */
  readonly method?: string;
  /** Headers of the request, such as `{ host: 'app.test' }`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A port other than the service's own. */
  readonly port?: number;
  /** An address of this machine on which the service listens. Default: those of localhost. */
  readonly host?: string;
  /**
   * How long to wait for an answer before asking again, on another connection; doubled each time. An answer that comes
   * later still counts. Default: 1s.
   */
  readonly timeout?: DurationOptions;
  /** How long to wait between two looks. Default: at first 1ms, then longer, depending on what is seen. */
  readonly interval?: DurationOptions;
}

/** Ready when a request is answered with an accepted status. */
export interface ReadyHttpOptions extends ReadyRequestOptions {
  /** The path and query to request, such as `/health`. */
  readonly http: string;
  /** A socket in the file system to ask at, instead of a port. Relative to the service's folder. */
  readonly unix?: string;
}

/** Ready when a request over TLS is answered with an accepted status. */
export interface ReadyHttpsOptions extends ReadyRequestOptions, ReadyTlsOptions {
  /** The path and query to request, such as `/health`. */
  readonly https: string;
}

/** Whom to trust. */
export interface ReadyTlsOptions {
  /** Accepts any certificate. Default: false. */
  readonly insecure?: boolean;
  /** The certificates to trust: a file in PEM, relative to the service's folder, or the PEM itself. */
  readonly ca?: string;
}

/** Ready when the health service of gRPC, `grpc.health.v1.Health`, reports `SERVING` on the service's own port. */
export interface ReadyGrpcOptions {
  /** `true` for the whole server, or the name of one of its services, such as `shop.v1.Orders`. */
  readonly grpc: true | string;
  /** By TLS: `true`, or with `insecure` or `ca`. Default: without. */
  readonly tls?: true | ReadyTlsOptions;
  /** How long to wait for an answer before asking again; doubled each time. Default: 1s. */
  readonly timeout?: DurationOptions;
  /** How long to wait between two looks. Default: at first 1ms, then longer, depending on what is seen. */
  readonly interval?: DurationOptions;
}

/** Ready when a socket in the file system accepts connections. One left by an earlier run does not count. */
export interface ReadyUnixOptions {
  /** Its path, relative to the service's folder. */
  readonly unix: string;
  /** How long to wait between two looks. Default: at first 1ms, then longer, up to 25ms. */
  readonly interval?: DurationOptions;
}

/** Ready when a line of the service's output matches. */
export interface ReadyLogOptions {
  /** What the line must contain. */
  readonly log: PatternOptions;
}

/** Ready when a command exits with code 0. */
export interface ReadyExecOptions {
  /** The command. It is run repeatedly, so it should be quick. */
  readonly exec: RunOptions;
  /** How long one run may take before it is stopped and tried again; doubled each time. Default: 2s. */
  readonly timeout?: DurationOptions;
  /** How long to wait between two runs. Default: as long as a run takes, and 25ms at most beyond that. */
  readonly interval?: DurationOptions;
}

/** Ready when a file has been created or written since the service was started. */
export interface ReadyFileOptions {
  /** Its path, relative to the service's folder. */
  readonly file: string;
}

/** Ready when the health check of its container succeeds: the `HEALTHCHECK` of the image. */
export interface ReadyHealthyOptions {
  /** `true`. */
  readonly healthy: true;
}

/** Ready when all of several conditions are true. */
export interface ReadyAllOptions {
  /** The conditions. */
  readonly all: readonly ReadyOptions[];
}

/** Ready when one of several conditions is true. */
export interface ReadyAnyOptions {
  /** The conditions. */
  readonly any: readonly ReadyOptions[];
}

const PORT_MESSAGE =
  'must be a port: a whole number from 1 to 65535, or 0 for a free one; or { log: /:(\\d+)/ } for one that the service picks and prints';
const FixedPortSchema = whole('must be a port: a whole number from 1 to 65535', 1, 65535);

/** @internal */
export const PortSchema = v.union(
  [whole(PORT_MESSAGE, 0, 65535), optionsOf<LogPortOptions>('LogPortOptions', { log: PatternSchema })],
  PORT_MESSAGE,
);

/** @internal */
export const SchemeSchema = v.pipe(
  v.string('must be a scheme'),
  v.regex(/^[a-z][a-z\d+.-]*$/, 'must be the scheme of a URL, such as postgres, without ://'),
);

const READY_MESSAGE =
  'must be one of { port }, { http }, { https }, { grpc }, { unix }, { log }, { exec }, { file }, { healthy }, { all: [ … ] } or { any: [ … ] }';

/** @internal Which condition is meant is told by its form, so that a mistake in it is reported as what it is. */
export const AnyReadySchema: v.GenericSchema<unknown, ReadyOptions> = v.lazy((input) => {
  if (typeof input !== 'object' || input === null) return ReadySchema;
  const [, meant] = Object.entries(READY_SCHEMAS).find(([key]) => key in input) ?? [];
  return meant ?? ReadySchema;
});

const conditions = listOf(AnyReadySchema, 'must be a non-empty list of conditions');

const RequestPathSchema = v.pipe(
  v.string('must be a path'),
  v.regex(/^\/[^\s]*$/, 'must be a path that begins with /, without spaces'),
);

const ADDRESS_MESSAGE =
  'must be an IP address of this machine, such as 192.168.0.7: names may lead elsewhere';
const AddressSchema = v.pipe(
  v.string('must be an address'),
  // What the JSON Schema can say of it.
  v.regex(/^(?:[\d.]+|(?=[^:]*:)[\da-fA-F:.]+)$/, ADDRESS_MESSAGE),
  v.check((text) => isIP(text) !== 0, ADDRESS_MESSAGE),
);

const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const HeadersSchema = v.pipe(
  namedValues(v.string('must be a text'), 'must be an object of names and texts'),
  v.check(
    (headers) =>
      Object.entries(headers).every(([name, value]) => HEADER_NAME.test(name) && HEADER_VALUE.test(value)),
    'must be headers: a name has no spaces or colons, a value no line breaks and nothing beyond Latin-1',
  ),
);

const GRPC_MESSAGE = 'must be true, or the name of a service, such as shop.v1.Orders';

/** The options of every request. */
const request: EntriesOf<ReadyRequestOptions> = {
  status: v.optional(StatusSchema),
  method: v.optional(
    v.pipe(
      v.string('must be a method'),
      v.regex(/^[A-Z][A-Z0-9-]*$/, 'must be a method such as GET or HEAD'),
    ),
  ),
  headers: v.optional(HeadersSchema),
  port: v.optional(FixedPortSchema),
  host: v.optional(AddressSchema),
  timeout: v.optional(DurationSchema),
  interval: v.optional(DurationSchema),
};

/** The conditions by the option that tells which one is meant; `port` stands last, since `http` may have one too. */
const tls = { insecure: v.optional(FlagSchema), ca: v.optional(TextSchema) };

const READY_SCHEMAS = {
  http: optionsOf<ReadyHttpOptions>('ReadyHttpOptions', {
    http: RequestPathSchema,
    unix: v.optional(TextSchema),
    ...request,
  }),
  https: optionsOf<ReadyHttpsOptions>('ReadyHttpsOptions', {
    https: RequestPathSchema,
    ...tls,
    ...request,
  }),
  grpc: optionsOf<ReadyGrpcOptions>('ReadyGrpcOptions', {
    grpc: v.union(
      [v.literal(true), v.pipe(v.string(), v.regex(/^[\w.-]{1,100}$/, GRPC_MESSAGE))],
      GRPC_MESSAGE,
    ),
    tls: v.optional(
      v.union(
        [v.literal(true), anyOptionsOf<ReadyTlsOptions>('ReadyTlsOptions', tls)],
        'must be true, or { insecure } or { ca }',
      ),
    ),
    timeout: v.optional(DurationSchema),
    interval: v.optional(DurationSchema),
  }),
  log: optionsOf<ReadyLogOptions>('ReadyLogOptions', { log: PatternSchema }),
  exec: optionsOf<ReadyExecOptions>('ReadyExecOptions', {
    exec: RunSchema,
    timeout: v.optional(DurationSchema),
    interval: v.optional(DurationSchema),
  }),
  file: optionsOf<ReadyFileOptions>('ReadyFileOptions', { file: TextSchema }),
  healthy: optionsOf<ReadyHealthyOptions>('ReadyHealthyOptions', {
    healthy: v.literal(true, 'must be true'),
  }),
  all: optionsOf<ReadyAllOptions>('ReadyAllOptions', { all: conditions }),
  any: optionsOf<ReadyAnyOptions>('ReadyAnyOptions', { any: conditions }),
  unix: optionsOf<ReadyUnixOptions>('ReadyUnixOptions', {
    unix: TextSchema,
    interval: v.optional(DurationSchema),
  }),
  port: optionsOf<ReadyPortOptions>('ReadyPortOptions', {
    port: v.union([FixedPortSchema, v.literal(true)], 'must be a port, or true for the service’s own'),
    host: v.optional(AddressSchema),
  }),
};

/** @internal */
export const ReadySchema: v.GenericSchema<unknown, ReadyOptions> = v.union(
  Object.values(READY_SCHEMAS),
  READY_MESSAGE,
);

const STOP_MESSAGE = `must be one of ${STOP_SIGNALS.join(', ')}, or an object: { signal, command, to, grace }`;
/** @internal */
export const StopSignalSchema = v.picklist(STOP_SIGNALS, STOP_MESSAGE);
/** @internal */
export const StopSchema = v.union(
  [
    StopSignalSchema,
    anyOptionsOf<StopLongOptions>('StopLongOptions', {
      signal: v.optional(StopSignalSchema),
      command: v.optional(RunSchema),
      to: v.optional(v.picklist(['leader', 'all'], "must be 'leader' or 'all'")),
      grace: v.optional(DurationSchema),
    }),
  ],
  STOP_MESSAGE,
);

/** @internal */
export const SERVICE_ENTRIES = {
  run: RunSchema,
  port: v.optional(PortSchema),
  scheme: v.optional(SchemeSchema),
  ready: v.optional(AnyReadySchema),
  readyTimeout: v.optional(DurationSchema),
  stop: v.optional(StopSchema),
  grace: v.optional(DurationSchema),
  stdin: v.optional(v.literal('open', "must be 'open', or left out")),
  daemon: v.optional(FlagSchema),
  foreground: v.optional(RunSchema),
  env: v.optional(EnvSchema),
  cwd: v.optional(TextSchema),
  needs: v.optional(NamesSchema),
  expect: v.optional(OutputSchema),
} satisfies EntriesOf<ServiceOptions>;

/** @internal How its options are called in messages, by the titles of their schemas. */
export const SERVICE_PLACES: Readonly<Record<string, string>> = {
  LogPortOptions: 'port: { … }',
  StopLongOptions: 'stop: { … }',
  ReadyHttpOptions: 'ready: { http: … }',
  ReadyHttpsOptions: 'ready: { http: … }',
  ReadyGrpcOptions: 'ready: { grpc: … }',
  ReadyExecOptions: 'ready: { exec: … }',
};
