import type { Address } from './address.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { HttpFault } from './http-fault.ts';
import type { Pattern } from './pattern.ts';
import { quote } from './quote.ts';
import type { StatusRange } from './status-range.ts';
import type { Ms } from './units.ts';

/** Whether the children run under debugging allocators: `debug` sets `PYTHONMALLOC=debug`. */
export type MemoryPreset = 'debug' | 'off';

export type Environment = Readonly<Record<string, string>>;

/** A shell line, or a program with literal arguments. */
export type Command =
  | { readonly type: 'shell'; readonly line: string }
  | { readonly type: 'argv'; readonly argv: readonly [string, ...string[]] };

/** What a command must do to pass. */
export interface Expectation {
  readonly exitCodes: readonly number[];
  /** Each must occur in the output. */
  readonly output: readonly Pattern[];
  /** None may occur in the output; added to the built-in list of crash reports. */
  readonly forbid: readonly Pattern[];
  /** Lines that match one of these are ignored by the built-in list and by `forbid`. */
  readonly allow: readonly Pattern[];
}

export const EXPECT_SUCCESS: Expectation = { exitCodes: [0], output: [], forbid: [], allow: [] };

/** Of a program that is judged by something else than how it ends and what it prints. */
export const EXPECT_ANYTHING: Expectation = {
  exitCodes: Array.from({ length: 256 }, (_, code) => code),
  output: [],
  forbid: [],
  allow: [{ type: 'regex', source: '', flags: '' }],
};

export interface ProbeTls {
  /** Whether the certificate must be valid for the host and signed by somebody who is trusted. */
  readonly verify: boolean;
  /** Certificates that are trusted instead of the usual ones, in PEM. */
  readonly ca: string | null;
}

/** A readiness condition of a service. */
export type Probe =
  | { readonly type: 'port'; readonly port?: number; readonly host?: string }
  | {
      readonly type: 'http';
      readonly path: string;
      readonly port?: number;
      /** An address of this machine; default: those of localhost. */
      readonly host?: string;
      /** The path of the socket to ask at, instead of a port. */
      readonly unix?: string;
      readonly status: StatusRange;
      /** How long to wait for an answer before asking again; doubled each time. */
      readonly timeout: Ms;
      /** The wait between two looks; default: as short as it does no harm. */
      readonly interval?: Ms;
      /** Default: GET. */
      readonly method?: string;
      /** In place of those that are sent by default, and beside them. */
      readonly headers?: Readonly<Record<string, string>>;
      /** It is asked in TLS. */
      readonly tls?: ProbeTls;
    }
  /** The health protocol of gRPC says that it serves. */
  | {
      readonly type: 'grpc';
      /** Whose health is asked for; empty: that of the whole server. */
      readonly service: string;
      /** Undefined: without TLS. */
      readonly tls?: ProbeTls;
      /** How long to wait for an answer before asking again; doubled each time. */
      readonly timeout: Ms;
      readonly interval?: Ms;
    }
  /** A socket in the file system accepts connections. */
  | { readonly type: 'unix'; readonly path: string; readonly interval?: Ms }
  | { readonly type: 'log'; readonly pattern: Pattern }
  | {
      readonly type: 'exec';
      readonly command: Command;
      /** How long one run may take before it is ended; doubled each time. */
      readonly timeout: Ms;
      readonly interval?: Ms;
    }
  | { readonly type: 'file'; readonly path: string }
  /** The health check of the service's container succeeds. */
  | { readonly type: 'healthy' }
  | { readonly type: 'all'; readonly probes: readonly Probe[] }
  | { readonly type: 'any'; readonly probes: readonly Probe[] };

/** Whether a condition looks at the port of the service itself; one that is made of others does not by itself. */
export const asksOwnPort = (probe: Probe): boolean =>
  probe.type === 'grpc' ||
  (probe.type === 'port' && probe.port === undefined) ||
  (probe.type === 'http' && probe.unix === undefined && probe.port === undefined);

/** Signals that can ask a service to end. SIGKILL is not one: it does not ask. */
export const STOP_SIGNALS = [
  'SIGTERM',
  'SIGINT',
  'SIGQUIT',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
  'SIGWINCH',
] as const satisfies readonly NodeJS.Signals[];
export type StopSignal = (typeof STOP_SIGNALS)[number];

/** How a service is asked to end. Its open input, if it has one, is closed before anything else. */
export interface Stop {
  readonly signal: StopSignal;
  /** Runs first; the signal follows if it fails, or if the service is still there after half of its grace. */
  readonly command: Command | null;
  /**
   * Which of its processes get the signal: the leading one alone, or all at once. Null: the leading one, and later also
   * those that stay.
   */
  readonly to: 'leader' | 'all' | null;
}

export const STOP_POLITELY: Stop = { signal: 'SIGTERM', command: null, to: null };

/** A port that a service picks itself and names in its output: the first group of the pattern. */
export interface LogPort {
  readonly log: Pattern;
}

/** A program that is kept alive while others use it. */
export interface Service {
  readonly name: string;
  readonly command: Command;
  /** The port that it listens on; 0: pick a free one; null: it listens on none. */
  readonly port: number | LogPort | null;
  /** What its URL begins with; default: by how it is asked whether it is ready. */
  readonly scheme?: string;
  /** Its standard input: at its end from the start, or open until it is to end. */
  readonly stdin: 'ended' | 'open';
  /** The command puts the service into the background and returns. */
  readonly daemon: boolean;
  /** How to run a daemon that died once more, in the foreground, to show why. */
  readonly foreground: Command | null;
  readonly ready: Probe;
  readonly readyTimeout: Ms;
  readonly stop: Stop;
  /** How long it may take to end, once asked, before it is killed. */
  readonly grace: Ms;
  readonly env: Environment;
  readonly cwd: string;
  readonly needs: readonly string[];
  readonly expect: Expectation;
  /** What happens between this service and those that need it; none: they are connected directly. */
  readonly via: readonly HttpFault[];
}

/** What a component says about its own proof. */
export interface Proving {
  /** Modules under test, as an import writes them; empty: those of the project. */
  readonly modules: readonly string[];
  /** Faults that it must notice beyond those that every component of its kind must. */
  readonly demand: readonly string[];
  /** By fault, why it need not be noticed. */
  readonly ignore: Readonly<Record<string, string>>;
}

export const PROVE_BY_DEFAULT: Proving = { modules: [], demand: [], ignore: {} };

/** What becomes of a component that passes on a retry: it passes and is marked, or it fails. */
export type Flaky = 'warn' | 'fail';

export interface ComponentBase {
  readonly name: string;
  readonly env: Environment;
  readonly cwd: string;
  /** The time limit of one attempt, services included. */
  readonly timeout: Ms;
  /** When an attempt is reported as slow; not reported if that is at or after its time limit. */
  readonly slow: Ms;
  /** How many more attempts it gets after a failure. */
  readonly retries: number;
  /** Whether a pass after a failure is one. */
  readonly flaky: Flaky;
  /** Components that must have passed before. */
  readonly needs: readonly string[];
  /** What it needs of what the components of the suite share. */
  readonly uses: readonly string[];
  /** Not part of the default selection. */
  readonly onlyWhenNamed: boolean;
  /** Substrings of the command lines of helpers that may be left running. */
  readonly leave: readonly string[];
  /** Commands to run before each attempt, in order; the first failure ends the attempt. */
  readonly before: readonly Command[];
  /** Commands to run after each attempt, whatever its outcome. */
  readonly after: readonly Command[];
  readonly prove: Proving;
  readonly ofPackage?: OfPackage;
}

/** What a component needs to know about the trial of a package that it is part of. */
export interface OfPackage {
  /** What hurts nobody yet fails it as well. */
  readonly isStrict: boolean;
  /** All that is tried is a comparison with something else: where there is nothing to compare with, nothing was tried. */
  readonly isOnlyComparison: boolean;
  /** What it may be used without, and is not installed. */
  readonly optional: readonly string[];
}

/** A named unit that gets a verdict. Its other properties are known only to its kind. */
export interface Component extends ComponentBase {
  readonly kind: string;
}

/** A step that prepares the environment before the components. */
export interface SetupStep {
  readonly name: string;
  readonly command: Command;
  readonly cwd: string;
  readonly env: Environment;
  /** Files, folders and globs whose content decides whether the step must run again; none: it always runs. */
  readonly inputs: readonly string[];
  /** What the step makes; if one is missing, it runs again. */
  readonly outputs: readonly string[];
  readonly timeout: Ms;
  /** Undoes it, at the end of the run; null: it stays. */
  readonly undo: { readonly command: Command; readonly timeout: Ms } | null;
}

/** A step that tidies up after everything else, whatever has happened. */
export interface TeardownStep {
  readonly name: string;
  readonly command: Command;
  readonly cwd: string;
  readonly env: Environment;
  readonly timeout: Ms;
}

/** What components share: kept for as long as one of them needs it. */
interface SharedBase {
  readonly name: string;
  /** Names of what must be ready, or done, before. */
  readonly needs: readonly string[];
  /** Every component that needs it gets one of its own. */
  readonly fresh: boolean;
}

/** A service that components share. */
export interface SharedService extends SharedBase {
  readonly type: 'service';
  readonly service: Service;
}

/** A command that must succeed before what needs it is started. */
export interface SharedTask extends SharedBase {
  readonly type: 'task';
  readonly step: SetupStep;
  readonly expect: Expectation;
  /** While the content of its inputs is the same, it is not run again. */
  readonly isCached: boolean;
}

/** A service that is already there, at an address that the user has named: it is reached, and neither started nor ended. */
export interface SharedExternal extends SharedBase {
  readonly type: 'external';
  /** Where: an absolute URL with a host, and with credentials if the user has given some. */
  readonly url: string;
  readonly address: Address & { readonly port: number };
  /** How it is asked whether it is reachable: at its address alone. */
  readonly ready: Probe;
  readonly readyTimeout: Ms;
}

/** Where the image of a container comes from. */
export type ImageSource =
  | {
      readonly type: 'name';
      readonly name: string;
      /** How long fetching it may take. */
      readonly timeout: Ms;
    }
  | {
      readonly type: 'build';
      /** The folder that is built from: an absolute path. */
      readonly context: string;
      /** Default: the builder's. */
      readonly file: string | null;
      readonly target: string | null;
      readonly args: Environment;
      readonly timeout: Ms;
    };

/** The network that the run makes, as a config asks for it. */
export const SUITE_NETWORK = 'suite';

/** What an engine is told of a container. */
export interface ContainerSpec {
  readonly image: ImageSource;
  /** In place of the image's own. */
  readonly command: readonly string[] | null;
  /** The ports, of its own, that are published on free ones of the loopback interface; the first is the service's. */
  readonly ports: readonly number[];
  /** As the command line of the engine takes them, with absolute paths. */
  readonly volumes: readonly string[];
  /** `host`, `none`, `suite`, or the name of a network; null: the engine's default. */
  readonly network: string | null;
  readonly platform: string | null;
  /** A small first process hands signals on to the service, and reaps what nobody waits for. */
  readonly init: boolean;
  /** Further options for the engine. */
  readonly options: readonly string[];
}

/** A service in a container. */
export interface SharedContainer extends SharedBase {
  readonly type: 'container';
  /** Its command is what a person would type; its environment is that in the container. */
  readonly service: Service;
  readonly container: ContainerSpec;
  /** The signal of the image, rather than that of the service, asks it to end. */
  readonly stopsByImage: boolean;
}

/** A project of Compose. */
export interface ComposeSpec {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Those of its services that are started, with what they depend on; empty: all. */
  readonly services: readonly string[];
  /** What the URLs of its services begin with, by service; default: `http`. */
  readonly schemes: Readonly<Record<string, string>>;
  /** How long fetching, building and making what it needs may take. */
  readonly timeout: Ms;
}

/** Services in containers that a file of Compose describes. */
export interface SharedCompose extends SharedBase {
  readonly type: 'compose';
  /** All of them together. */
  readonly service: Service;
  readonly compose: ComposeSpec;
}

export type Shared = SharedService | SharedContainer | SharedCompose | SharedTask | SharedExternal;

/** A component that the convention knows but this folder lacks, or cannot run. */
export interface Absent {
  readonly name: string;
  readonly reason: string;
  readonly onlyWhenNamed: boolean;
}

/** The components of one project and their shared settings. */
export interface Suite {
  /** The folder or config file, as the user would type it. */
  readonly name: string;
  /** An absolute path: where the suite runs, and where `.shakedown/` is kept. */
  readonly root: string;
  readonly source:
    | { readonly type: 'convention'; readonly dir: string }
    | { readonly type: 'config'; readonly file: string }
    /** `spec`: as the user named it. */
    | { readonly type: 'package'; readonly spec: string }
    /** `list`: the file with their names; each is a component. */
    | { readonly type: 'packages'; readonly list: string };
  readonly memory: MemoryPreset;
  readonly env: Environment;
  /** Folders that come first on the PATH: `node_modules/.bin` of the project and of its parent folders. */
  readonly path: readonly string[];
  readonly setup: readonly SetupStep[];
  readonly teardown: readonly TeardownStep[];
  /** Each after those that it needs. */
  readonly shared: readonly Shared[];
  /** In the order in which they run. */
  readonly components: readonly Component[];
  readonly absent: readonly Absent[];
  /** Files of the folder that cannot be run; reported if they are selected. */
  readonly unusable: readonly (Diagnostic & { readonly name: string })[];
}

/** A command as the user would type it. */
export function showCommand(command: Command): string {
  if (command.type === 'shell') return command.line;
  return command.argv.map(quote).join(' ');
}
