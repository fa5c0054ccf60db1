/** The words of a service in a container. */
import * as v from 'valibot';
import { type FaultOptions, ViaSchema } from '../kinds/common/fault-options.ts';
import {
  anyOptionsOf,
  type EntriesOf,
  EnvSchema,
  FlagSchema,
  listOf,
  NamesSchema,
  namedValues,
  oneOrMore,
  optionsOf,
  TextSchema,
  whole,
} from '../kinds/common/schema.ts';
import {
  AnyReadySchema,
  type ReadyOptions,
  SchemeSchema,
  type StopOptions,
  StopSchema,
} from '../kinds/common/service-options.ts';
import {
  type DurationOptions,
  DurationSchema,
  type ExpectOptions,
  OutputSchema,
} from '../kinds/common/words.ts';

/** A service in a container, by Docker or Podman, whichever is there. */
export interface ContainerOptions {
  /** Marks it; `container()` sets it. */
  readonly kind: 'container';
  /** The image. It is fetched if it is not on this machine. */
  readonly image?: string;
  /** In place of `image`: a folder with a Dockerfile, from which the image is built; or the same in long form. */
  readonly build?: string | BuildOptions;
  /** The command and its arguments, in place of the image's own. `$PORT` in them is the port in the container. */
  readonly command?: readonly [string, ...string[]];
  /** The port that it listens on in the container. A free port of 127.0.0.1 leads there, and is the service's for everybody else. In the long form that port can be chosen. With `network: 'host'` there is only one port, and 0 picks a free one. */
  readonly port?: number | ContainerPortOptions;
  /** Further ports that it listens on in the container. A free port leads to each: `$DB_PORT_9000`, for 9000 and a service `db`. */
  readonly ports?: readonly number[];
  /** Environment variables in the container. It gets these alone, and `PORT`: nothing of the environment outside. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files and folders of this machine, named volumes, or anonymous ones: `./data:/data`, `./conf:/conf:ro`, `cache:/cache`, `/tmp/work`. What begins with a dot is relative to the config file's folder. Anonymous volumes are removed with the container, others are not. */
  readonly volumes?: readonly string[];
  /** `suite` for a network that the run makes and removes, in which containers reach each other by their names in the suite; `host` for that of this machine; `none`; or the name of a network that exists. Default: the engine's own network. */
  readonly network?: string;
  /** The platform of the image, such as `linux/arm64`. Default: this machine's. */
  readonly platform?: string;
  /** Starts a small first process, which hands signals on to the command and reaps what nobody waits for. Default: false. */
  readonly init?: boolean;
  /** Further options for `docker create`, such as `['--memory', '512m']`. */
  readonly options?: readonly string[];
  /** What its URL begins with, for whoever gets that: `postgres` makes `$DB_URL` something like `postgres://127.0.0.1:5432`. Default: `https` if `ready` asks so, otherwise `http`. */
  readonly scheme?: string;
  /** When it is ready. A command (`exec`) runs in the container, and its `$PORT` is the one there. Default: when it listens on its port. */
  readonly ready?: ReadyOptions;
  /** How long it may take to become ready, once its image is here. Default: 30s. */
  readonly readyTimeout?: DurationOptions;
  /** How long fetching its image may take. Default: 5m. */
  readonly pullTimeout?: DurationOptions;
  /** How it is asked to stop: a signal, or a command that runs in the container. Default: the signal that its image names, or SIGTERM. */
  readonly stop?: StopOptions;
  /** How long it may take to stop, once asked to, before it is killed. Default: 5s. */
  readonly grace?: DurationOptions;
  /** What must be ready, or done, first. */
  readonly needs?: readonly string[];
  /** What its output must and must not contain. */
  readonly expect?: Omit<ExpectOptions, 'exitCode'>;
  /** Every component that needs it gets one of its own. So does everything that needs this one. Default: false. */
  readonly fresh?: boolean;
  /** What happens to its answers on their way to everybody who needs it: `fault({ … })`, or a list of these. */
  readonly via?: FaultOptions | readonly FaultOptions[];
}

/** A port of a container, and the port of this machine that leads to it. */
export interface ContainerPortOptions {
  /** The port that it listens on in the container. */
  readonly container: number;
  /** The port of 127.0.0.1 that leads there. Default: a free one. */
  readonly host?: number;
}

/** Services in containers that a file of Compose describes. They get a project, networks and volumes of their own, which are removed at the end, named volumes included. */
export interface ComposeOptions {
  /** Marks it; `compose()` sets it. */
  readonly kind: 'compose';
  /** The file, or several, the later ones over the earlier. If none is named, it is `compose.yaml`. */
  readonly file?: string | readonly string[];
  /** Those of its services that are wanted; what they depend on is started too. Default: all. */
  readonly services?: readonly string[];
  /** Variables that the file is filled in from, besides the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the URLs of its services begin with: with `{ db: 'postgres' }`, `$STACK_DB_URL` is something like `postgres://127.0.0.1:5432`. Default: `http`. */
  readonly scheme?: Readonly<Record<string, string>>;
  /** How long they may take to become ready, once their images are here. Default: 30s. */
  readonly readyTimeout?: DurationOptions;
  /** How long fetching and building their images may take. Default: 5m. */
  readonly pullTimeout?: DurationOptions;
  /** How long they may take to stop, once asked to, before they are killed. Default: 5s. */
  readonly grace?: DurationOptions;
  /** What must be ready, or done, first. */
  readonly needs?: readonly string[];
  /** What their output must and must not contain. */
  readonly expect?: Omit<ExpectOptions, 'exitCode'>;
  /** Every component that needs it gets one of its own. So does everything that needs this one. Default: false. */
  readonly fresh?: boolean;
}

/** How an image is built. Between runs the builder's cache is kept, and one image of each service. */
export interface BuildOptions {
  /** The folder that it is built from. Default: the config file's. */
  readonly context?: string;
  /** The Dockerfile. Default: `Dockerfile` in that folder. */
  readonly file?: string;
  /** The stage to build. Default: the last. */
  readonly target?: string;
  /** Build arguments. */
  readonly args?: Readonly<Record<string, string>>;
  /** How long it may take. Default: 10m. */
  readonly timeout?: DurationOptions;
}

const PORT_MESSAGE = 'must be a port: a whole number from 1 to 65535; or { container: 80, host: 8080 }';
const OnePortSchema = whole('must be a port: a whole number from 1 to 65535', 1, 65535);
const COMMAND_MESSAGE = "must be a list of words, such as ['postgres', '-c', 'fsync=off']";

/** @internal */
export const BuildSchema = anyOptionsOf<BuildOptions>('BuildOptions', {
  context: v.optional(TextSchema),
  file: v.optional(TextSchema),
  target: v.optional(TextSchema),
  args: v.optional(namedValues(v.string('must be a text'), 'must be an object of names and texts')),
  timeout: v.optional(DurationSchema),
});

/** @internal */
export const ContainerPortSchema = optionsOf<ContainerPortOptions>('ContainerPortOptions', {
  container: OnePortSchema,
  host: v.optional(OnePortSchema),
});

/** @internal */
export const ContainerSchema = optionsOf<ContainerOptions>('ContainerOptions', {
  kind: v.literal('container'),
  image: v.optional(TextSchema),
  build: v.optional(
    v.union([TextSchema, BuildSchema], 'must be a folder, or an object: { context, file, … }'),
  ),
  command: v.optional(
    v.tupleWithRest([TextSchema], v.string(COMMAND_MESSAGE), COMMAND_MESSAGE) as v.GenericSchema<
      unknown,
      readonly [string, ...string[]]
    >,
  ),
  port: v.optional(v.union([whole(PORT_MESSAGE, 0, 65535), ContainerPortSchema], PORT_MESSAGE)),
  ports: v.optional(listOf(OnePortSchema, 'must be a non-empty list of ports')),
  env: v.optional(EnvSchema),
  volumes: v.optional(v.array(TextSchema, 'must be a list of volumes, such as ./data:/data')),
  network: v.optional(TextSchema),
  platform: v.optional(TextSchema),
  init: v.optional(FlagSchema),
  options: v.optional(v.array(TextSchema, 'must be a list of words')),
  scheme: v.optional(SchemeSchema),
  ready: v.optional(AnyReadySchema),
  readyTimeout: v.optional(DurationSchema),
  pullTimeout: v.optional(DurationSchema),
  stop: v.optional(StopSchema),
  grace: v.optional(DurationSchema),
  needs: v.optional(NamesSchema),
  expect: v.optional(OutputSchema),
  fresh: v.optional(FlagSchema),
  via: v.optional(ViaSchema),
} satisfies EntriesOf<ContainerOptions>);

/** @internal */
export const ComposeSchema = optionsOf<ComposeOptions>('ComposeOptions', {
  kind: v.literal('compose'),
  file: v.optional(oneOrMore(TextSchema, 'must be a file, or a non-empty list of files')),
  services: v.optional(listOf(TextSchema, 'must be a non-empty list of names')),
  env: v.optional(EnvSchema),
  scheme: v.optional(
    namedValues(SchemeSchema, "must be an object of services and schemes, such as { db: 'postgres' }"),
  ),
  readyTimeout: v.optional(DurationSchema),
  pullTimeout: v.optional(DurationSchema),
  grace: v.optional(DurationSchema),
  needs: v.optional(NamesSchema),
  expect: v.optional(OutputSchema),
  fresh: v.optional(FlagSchema),
} satisfies EntriesOf<ComposeOptions>);
