import type { Diagnostic } from './diagnostic.ts';
import type { Pattern } from './pattern.ts';
import { quote } from './quote.ts';
import type { StatusRange } from './status-range.ts';
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
  /** Commands that come before each attempt, one after the other; the first that fails ends it. */
  readonly before: readonly Command[];
  /** Commands that come after each attempt, whatever became of it. */
  readonly after: readonly Command[];
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
