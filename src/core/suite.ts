import type { Diagnostic } from './diagnostic.ts';
import type { EntryLoad } from './entries.ts';
import type { LoadClient } from './load.ts';
import type { Pattern } from './pattern.ts';
import { quote } from './quote.ts';
import type { StatusRange } from './status-range.ts';
import type { Inputs } from './threads.ts';
import type { Ms } from './units.ts';

/** Whether the children run under debugging allocators: `debug` sets `PYTHONMALLOC=debug`. */
export type MemoryPreset = 'debug' | 'off';

export type Environment = Readonly<Record<string, string>>;

/** A command: a line for the shell, or a program with its arguments as they are. */
export type Command =
  | { readonly type: 'shell'; readonly line: string }
  | { readonly type: 'argv'; readonly argv: readonly [string, ...string[]] };

/** What a command must have done to have passed. */
export interface Expectation {
  readonly exitCodes: readonly number[];
  /** Each must be found in the output. */
  readonly output: readonly Pattern[];
  /** None may be found in the output; added to the built-in list of crash reports. */
  readonly forbid: readonly Pattern[];
  /** Lines that match one of these are forgiven by the built-in list and by `forbid`. */
  readonly allow: readonly Pattern[];
}

export const EXPECT_SUCCESS: Expectation = { exitCodes: [0], output: [], forbid: [], allow: [] };

/** A readiness condition of a service. */
export type Probe =
  | { readonly type: 'port'; readonly port?: number }
  | {
      readonly type: 'http';
      readonly path: string;
      readonly port?: number;
      readonly status: StatusRange;
      /** How long an answer is waited for before the question is asked again; twice as long each time. */
      readonly timeout: Ms;
    }
  | { readonly type: 'log'; readonly pattern: Pattern }
  | {
      readonly type: 'exec';
      readonly command: Command;
      /** How long one run may take before it is ended; twice as long each time. */
      readonly timeout: Ms;
    }
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'all'; readonly probes: readonly Probe[] }
  | { readonly type: 'any'; readonly probes: readonly Probe[] };

/** Signals that may ask a service to end. SIGKILL is not one: it does not ask. */
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

/** How a service is asked to end. */
export interface Stop {
  readonly signal: StopSignal;
  /** What asks it in the first place; it gets the signal when that fails, or is still there for half of its grace. */
  readonly command: Command | null;
}

export const STOP_POLITELY: Stop = { signal: 'SIGTERM', command: null };

/** A program that is kept alive while others use it. */
export interface Service {
  readonly name: string;
  readonly command: Command;
  /** The port that it listens on; 0 has a free one picked; null when it listens on none. */
  readonly port: number | null;
  /** The command puts the service into the background and returns. */
  readonly daemon: boolean;
  /** How a daemon that died is run once more, in the foreground, to show why. */
  readonly foreground: Command | null;
  readonly ready: Probe;
  readonly readyTimeout: Ms;
  readonly stop: Stop;
  /** How long it may take to end after it was asked to before it is killed. */
  readonly grace: Ms;
  readonly env: Environment;
  readonly cwd: string;
  readonly needs: readonly string[];
  readonly expect: Expectation;
}

export type Client =
  | { readonly type: 'command'; readonly command: Command; readonly expect: Expectation }
  | { readonly type: 'load'; readonly load: LoadClient };

export interface ComponentBase {
  readonly name: string;
  readonly env: Environment;
  readonly cwd: string;
  /** How long one attempt may take, services included. */
  readonly timeout: Ms;
  /** After how long an attempt is said to be slow; from its time limit on that is not said. */
  readonly slow: Ms;
  /** How many more attempts a failure gets. */
  readonly retries: number;
  /** Components that must have passed before. */
  readonly needs: readonly string[];
  /** Left out of a run that names nothing. */
  readonly onlyWhenNamed: boolean;
  /** Texts in the command lines of helpers that may be left behind. */
  readonly leave: readonly string[];
}

export interface CommandComponent extends ComponentBase {
  readonly kind: 'command';
  readonly command: Command;
  readonly expect: Expectation;
}

export interface HttpComponent extends ComponentBase {
  readonly kind: 'http';
  /** In the order they are started: each after those that it needs. */
  readonly services: readonly [Service, ...Service[]];
  /** Name of the service that the client tries. */
  readonly target: string;
  readonly client: Client;
}

/** A usage sample that is run and type-checked as it lies. */
export interface SampleTypesComponent extends ComponentBase {
  readonly kind: 'types';
  /** Absolute path of the sample. */
  readonly sample: string;
  readonly language: 'python' | 'typescript';
  readonly package: null;
  /** A Python module whose stubs are held against it, as an import writes it. */
  readonly module: string | null;
  /** So much of its public names must have a known type, in percent. */
  readonly completeness: number | null;
  /** Absolute paths of files that a type checker must refuse. */
  readonly negative: readonly string[];
  readonly expect: Expectation;
}

/** How TypeScript looks for modules, as its option `moduleResolution` names it. */
export type ModuleResolution = 'node16' | 'nodenext' | 'bundler';

/** A package in a consumer, as far as its types are tried. */
export interface TypedPackage {
  /** Absolute path of the consumer's folder. */
  readonly consumer: string;
  /** Absolute path of the package's own folder. */
  readonly folder: string;
  readonly name: string;
  /** It says in its manifest where its declarations are. */
  readonly hasTypes: boolean;
  /** Packages that whoever installs it may leave out. */
  readonly peers: readonly string[];
  /** The oldest TypeScript that it says it supports. */
  readonly oldest: string | null;
  readonly entries: readonly {
    readonly specifier: string;
    readonly isMain: boolean;
    readonly loads: readonly EntryLoad[];
  }[];
  /** How many entry points there would be if none had been left out. */
  readonly total: number;
}

/** The types of a package, tried as it is published: in a consumer that has nothing else. */
export interface PackageTypesComponent extends ComponentBase {
  readonly kind: 'types';
  readonly package:
    | { readonly type: 'spec'; readonly spec: string }
    | { readonly type: 'installed'; readonly installed: TypedPackage };
  /** Absolute path of a sample that uses it; null: only its declarations are tried. */
  readonly sample: string | null;
  /** Absolute paths of files that TypeScript must refuse. */
  readonly negative: readonly string[];
  /** Versions of TypeScript, as npm takes them; empty: the oldest that is supported and the newest. */
  readonly typescript: readonly string[];
  readonly resolution: readonly ModuleResolution[];
  readonly expect: Expectation;
}

export type TypesComponent = SampleTypesComponent | PackageTypesComponent;

/** Loads every entry point of an installed package; made by `shakedown package`. */
export interface EntriesComponent extends ComponentBase {
  readonly kind: 'entries';
  readonly package: {
    readonly name: string;
    /** Absolute path of the package's own folder. */
    readonly folder: string;
    /** Packages that its manifest names, in whichever way. */
    readonly declared: readonly string[];
    /** Its `engines` name versions of Node, and the one in use is among them. */
    readonly isForThisNode: boolean;
  };
  readonly loads: readonly EntryLoad[];
  /** How many loads there would be if none had been left out. */
  readonly total: number;
  /** Files that the manifest promises and that are not there. */
  readonly missing: readonly { readonly promise: string; readonly file: string }[];
}

/** Asks a program of an installed package for its help and its version; made by `shakedown package`. */
export interface BinComponent extends ComponentBase {
  readonly kind: 'bin';
  /** What a person types. */
  readonly bin: string;
  /** Absolute path at which npm has put it. */
  readonly program: string;
  /** As the manifest names its file. */
  readonly file: string;
}

/** How much longer than the bare interpreter a start may take. */
export interface RatioBudget {
  /** As it was written: `< 1.5x`. */
  readonly text: string;
  readonly ratio: number;
}

export interface InitComponent extends ComponentBase {
  readonly kind: 'init';
  readonly language: 'node' | 'python';
  /** As an import in `cwd` writes it: a file there begins with `./` or `../`. */
  readonly module: string;
  /** The function that uses it for the first time: `FUNCTION` of the module, or `FILE:FUNCTION`; null: it is only loaded. */
  readonly use: string | null;
  /** How many fresh processes load it at once. */
  readonly processes: number;
  /** After how long a process is said to hang. */
  readonly hangAfter: Ms;
  readonly coldStart: RatioBudget | null;
  /** What must not be loaded with it. */
  readonly denyModules: readonly string[];
  /** Exports that `import()` and `require()` must give the same instance of. */
  readonly singletons: readonly string[];
  readonly expect: Expectation;
}

/** A module that is loaded and called by several threads. */
export interface ModuleTrial {
  readonly type: 'module';
  /** An absolute path, or the name of a package. */
  readonly module: string;
  readonly workers: number;
  /** Calls that each worker makes in all; null: the module is only loaded, unless functions are named. */
  readonly iterations: number | null;
  readonly exports: readonly string[] | null;
  readonly inputs: Inputs | null;
  /** An absolute path, or the name of a package. */
  readonly oracle: string | null;
}

/** What several threads, or several copies of a program, do at the same moment. */
export type ThreadsTrial =
  | ModuleTrial
  | {
      readonly type: 'python';
      readonly target:
        | { readonly type: 'function'; readonly name: string }
        | { readonly type: 'script'; readonly path: string };
      readonly workers: number;
      readonly rounds: number;
      /** `module:function` that makes the object which the function is given; null: it is given none. */
      readonly inputs: string | null;
    }
  | {
      readonly type: 'program';
      readonly command: Command;
      readonly copies: number;
      readonly compare: 'bytes' | 'json';
    };

export interface ThreadsComponent extends ComponentBase {
  readonly kind: 'threads';
  readonly trial: ThreadsTrial;
  /** How long no thread may come any further before they count as stuck. */
  readonly stall: Ms;
}

/** A named unit that gets a verdict. What else it has is known to its kind alone. */
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
  /** What the step makes; where one is absent it runs again. */
  readonly outputs: readonly string[];
  readonly timeout: Ms;
}

/** A component that the convention knows and this folder lacks, or cannot run. */
export interface Absent {
  readonly name: string;
  readonly reason: string;
  readonly onlyWhenNamed: boolean;
}

/** The components of one project and their shared settings. */
export interface Suite {
  /** What a person calls it: the folder or the config file, as they would type it. */
  readonly name: string;
  /** Where it runs, and where `.shakedown/` is kept: an absolute path. */
  readonly root: string;
  readonly source:
    | { readonly type: 'convention'; readonly dir: string }
    | { readonly type: 'config'; readonly file: string }
    /** `spec`: as a person named it. */
    | { readonly type: 'package'; readonly spec: string };
  readonly memory: MemoryPreset;
  readonly env: Environment;
  /** Folders that come first on the PATH: the `node_modules/.bin` of the project and of those above it. */
  readonly path: readonly string[];
  readonly setup: readonly SetupStep[];
  /** In the order in which they run. */
  readonly components: readonly Component[];
  readonly absent: readonly Absent[];
  /** Files of the folder that cannot be run as they are; they matter when they are selected. */
  readonly unusable: readonly (Diagnostic & { readonly name: string })[];
}

/** A command as a person would type it. */
export function showCommand(command: Command): string {
  if (command.type === 'shell') return command.line;
  return command.argv.map(quote).join(' ');
}
