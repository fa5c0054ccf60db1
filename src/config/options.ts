/** The words of a config file. Its JSON Schema and its reference take their texts from the comments here. */

/** A line for the shell (`/bin/sh`), or a program and its arguments as they are. */
export type RunOptions = string | readonly [string, ...string[]];

/** A text that a line of output must hold, or a regular expression that must match it. JSON has the long form. */
export type PatternOptions = string | RegExp | { readonly regex: string; readonly flags?: string };

/** A span of time: `500ms`, `5s`, `1m30s`, `1h`. */
export type DurationOptions = string;

/** A status code, or the first and the last of a range. */
export type StatusOptions = number | readonly [number, number];

/** What a command must have done to have passed. */
export interface ExpectOptions {
  /** The exit code, or the codes, that mean success. Default: 0. */
  readonly exitCode?: number | readonly number[];
  /** Must each be found in the output. */
  readonly output?: PatternOptions | readonly PatternOptions[];
  /** Must not be found in the output, beside the crash reports that are never allowed. */
  readonly forbid?: PatternOptions | readonly PatternOptions[];
  /** Lines that are right although they look like a crash report, or match `forbid`. */
  readonly allow?: PatternOptions | readonly PatternOptions[];
}

/** Ready when the port accepts connections. `true` means the service's own port. */
export interface ReadyPortOptions {
  /** The port, or `true` for the service's own. */
  readonly port: number | true;
}

/** Ready when a GET is answered with an accepted status. */
export interface ReadyHttpOptions {
  /** Path and query to ask for, such as `/health`. */
  readonly http: string;
  /** The status, or range, that means ready. Default: 200 to 399. */
  readonly status?: StatusOptions;
  /** Another port than the service's own. */
  readonly port?: number;
}

/** Ready when a line of the service's output matches. */
export interface ReadyLogOptions {
  /** What the line must hold. */
  readonly log: PatternOptions;
}

/** Ready when a command exits with code 0. */
export interface ReadyExecOptions {
  /** The command. It is run again and again, so it should be quick. */
  readonly exec: RunOptions;
}

/** Ready when a file exists. */
export interface ReadyFileOptions {
  /** Its path, relative to the service's folder. */
  readonly file: string;
}

/** Ready when all of several conditions hold. */
export interface ReadyAllOptions {
  /** The conditions. */
  readonly all: readonly ReadyOptions[];
}

/** Ready when one of several conditions holds. */
export interface ReadyAnyOptions {
  /** The conditions. */
  readonly any: readonly ReadyOptions[];
}

/** When a service is ready. */
export type ReadyOptions =
  | ReadyPortOptions
  | ReadyHttpOptions
  | ReadyLogOptions
  | ReadyExecOptions
  | ReadyFileOptions
  | ReadyAllOptions
  | ReadyAnyOptions;

/** A program that is kept alive for the client. */
export interface ServiceOptions {
  /** Starts the service. `$PORT` is its port, also in the environment. */
  readonly run: RunOptions;
  /** The port that it listens on. 0 has a free one picked, and handed over as `PORT`. */
  readonly port?: number;
  /** When it is ready. Default: when its port accepts connections. */
  readonly ready?: ReadyOptions;
  /** How long it may take to become ready. Default: 30s. */
  readonly readyTimeout?: DurationOptions;
  /** How long it may take to end after SIGTERM before it is killed. Default: 5s. */
  readonly grace?: DurationOptions;
  /** The command puts the service into the background and returns. Default: false. */
  readonly daemon?: boolean;
  /** For a daemon: the same in the foreground, run briefly to show why the daemon died. */
  readonly foreground?: RunOptions;
  /** More environment for this service. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder it runs in. Default: the component's. */
  readonly cwd?: string;
  /** Services of the same component that must be ready before. */
  readonly needs?: readonly string[];
  /** What its output must and must not hold. */
  readonly expect?: Omit<ExpectOptions, 'exitCode'>;
}

/** A command that uses the service and checks what it gets. */
export interface ClientOptions {
  /** The command. `$PORT` is the port of the service. */
  readonly run: RunOptions;
  /** What it must have done to have passed. */
  readonly expect?: ExpectOptions;
}

/** What the built-in client demands of each response. */
export interface LoadExpectOptions {
  /** The status, or range. Default: 200 to 299. */
  readonly status?: StatusOptions;
  /** Headers that must be there, and what each must hold. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What a line of the body must hold. */
  readonly body?: PatternOptions;
  /** What the body must be, to the last byte. */
  readonly exactBody?: string;
  /** The length of the body in bytes. */
  readonly length?: number;
}

/** The built-in client: sends the same request over and over, checks every response, and measures. */
export interface LoadOptions {
  /** Marks the built-in client; `load()` sets it. */
  readonly kind: 'load';
  /** Path and query; `{{counter}}` in it is the number of the request. Default: `/`. */
  readonly path?: string;
  /** The method. Default: GET. */
  readonly method?: string;
  /** Headers of each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Body of each request; `{{counter}}` in it is the number of the request. */
  readonly body?: string;
  /** How many connections send at once, or, with a `rate`, how many there may be. Default: 10, with a rate 1000. */
  readonly connections?: number;
  /** Requests a second, each sent when it is due, whatever became of those before. Without it a connection sends its next request when the last one was answered. */
  readonly rate?: number;
  /** Whether the requests of a `rate` come evenly or by chance. Default: constant. */
  readonly arrivals?: 'constant' | 'poisson';
  /** How many requests to send in all. Default: 1000, unless `duration` is given. */
  readonly requests?: number;
  /** How long to send, instead of a number of requests. */
  readonly duration?: DurationOptions;
  /** How long to send before anything counts. Default: not at all. */
  readonly warmup?: DurationOptions;
  /** How many threads send. Default: 1. */
  readonly workers?: number;
  /** How long a response may take. Default: 10s. */
  readonly timeout?: DurationOptions;
  /** Whether a connection is used for more than one request. Default: true. */
  readonly keepAlive?: boolean;
  /** Conditions, as in `thresholds`, that end the load at once, and fail it, when one holds. */
  readonly abortOn?: readonly string[];
  /** What chance is drawn from: the same number gives the same arrivals. Default: 1. */
  readonly seed?: number;
  /** What is demanded of each response. */
  readonly expect?: LoadExpectOptions;
}

/** What every component may have. */
export interface CommonOptions {
  /** More environment for its processes. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder it runs in, relative to the config file. Default: that file's folder. */
  readonly cwd?: string;
  /** How long one attempt may take, services included. Default: 10m. */
  readonly timeout?: DurationOptions;
  /** After how long an attempt is said to be SLOW, while it goes on. Default: 60s, or half of `timeout` if that is sooner. */
  readonly slow?: DurationOptions;
  /** How many more attempts a failure gets; a pass on a later one is shown as FLAKY. Default: 0. */
  readonly retries?: number;
  /** Components that must have passed before; they are run too. */
  readonly needs?: readonly string[];
  /** Left out of a run that names nothing. Default: false. */
  readonly onlyWhenNamed?: boolean;
}

/** A command that passes or fails. */
export interface CommandOptions extends CommonOptions {
  /** Marks the kind; `command()` sets it. */
  readonly kind: 'command';
  /** The command. */
  readonly run: RunOptions;
  /** What it must have done to have passed. */
  readonly expect?: ExpectOptions;
}

/** A service and the client that tries it. */
export interface HttpOptions extends CommonOptions {
  /** Marks the kind; `http()` sets it. */
  readonly kind: 'http';
  /** The service that the client tries. */
  readonly server?: ServiceOptions;
  /** Several services by name. The client tries `server`, or the last of these when there is none. */
  readonly services?: Readonly<Record<string, ServiceOptions>>;
  /** A command, or the built-in client: `load({ … })`. */
  readonly client: RunOptions | ClientOptions | LoadOptions;
  /** What the measures of the built-in client must hold, such as `p99 < 50ms`, `failed < 0.1%` or `rate >= 1000/s`. A condition on `errors` or `failed` says how many failures are tolerated: without one, none. */
  readonly thresholds?: readonly string[];
}

/** A usage sample that is run and type-checked, or a package whose types are tried as it is published. */
export interface TypesOptions extends CommonOptions {
  /** Marks the kind; `types()` sets it. */
  readonly kind: 'types';
  /** The sample, a `.ts` or `.py` file. Only with `package` it may be left out. */
  readonly sample?: string;
  /** The npm package that the sample uses: a folder, a tarball or `name@version`. It is packed, installed in a clean folder, and what it exports is held against what it declares. */
  readonly package?: string;
  /** Files that must not type-check. Types that are all `any` are found so. */
  readonly negative?: string | readonly string[];
  /** Versions of TypeScript, as npm takes them. Default: the oldest that the package says it supports, else 5.7, and the newest. Needs `package`. */
  readonly typescript?: string | readonly string[];
  /** How TypeScript looks for modules. Default: all three. Needs `package`. */
  readonly resolution?: 'node16' | 'nodenext' | 'bundler' | readonly ('node16' | 'nodenext' | 'bundler')[];
  /** The Python module that the sample uses, as an import writes it: stubtest holds its stubs against it. */
  readonly module?: string;
  /** So many percent of the public names of `module` must have a type that is known, by pyright's count. Default: not counted. */
  readonly completeness?: number;
  /** What the sample must have done, when it is run, to have passed. */
  readonly expect?: ExpectOptions;
}

/** A module that is loaded, and used for the first time, in fresh processes and in all the ways there are. */
export interface InitOptions extends CommonOptions {
  /** Marks the kind; `init()` sets it. */
  readonly kind: 'init';
  /** A module for Node: a file, such as `./library.js`, or a package, as an import in `cwd` would write it. */
  readonly module?: string;
  /** A module for Python instead, as an import in `cwd` would write it. */
  readonly python?: string;
  /** Uses the module for the first time: `FUNCTION`, one of its own, or `FILE:FUNCTION` (for Python `MODULE:FUNCTION`). A function for Node is given the module as it was loaded, and may return a promise. Default: it is only loaded. */
  readonly use?: string;
  /** How many fresh processes load it in the same moment. Default: 8. */
  readonly processes?: number;
  /** After how long a process is said to hang; one that has done all and does not end has a third of that. Default: 30s. */
  readonly hangAfter?: DurationOptions;
  /** How much longer than the bare interpreter a start with the module may take, such as `< 1.5x`. Default: it is measured and told. */
  readonly coldStart?: string;
  /** What must not be loaded at its start: packages, built-in modules such as `node:http`, files and folders that begin with `./`; of Python, modules. */
  readonly denyModules?: readonly string[];
  /** Exports that hold state, of which `import()` and `require()` must give the same instance; `default` is one. */
  readonly singletons?: readonly string[];
  /** What the output of each of its processes must and must not hold. */
  readonly expect?: Omit<ExpectOptions, 'exitCode'>;
}

/** Functions, by name, and the lists of arguments that each is called with. */
export type InputOptions = Readonly<Record<string, readonly (readonly unknown[])[]>>;

/** A module, a Python function or a program that must do the same from many threads as from one. It has one of `module`, `python` and `run`. */
export interface ThreadsOptions extends CommonOptions {
  /** Marks the kind; `threads()` sets it. */
  readonly kind: 'threads';
  /** A module for Node: a file, or the name of a package. It is loaded and called in worker threads. */
  readonly module?: string;
  /** A Python function, as `module:function`, or a script that starts threads of its own. */
  readonly python?: string;
  /** A program, of which several copies run at once. */
  readonly run?: RunOptions;
  /** How many threads. Default: 4. */
  readonly workers?: number;
  /** How many copies of the program. Default: 4. */
  readonly copies?: number;
  /** How many calls each worker makes, or how many rounds each Python thread. For a module without `exports` and `inputs`, giving it has all its functions without parameters called. Default: 10000 calls, or 200 rounds. */
  readonly iterations?: number;
  /** The functions of the module that are called. Default: those that `inputs` names. */
  readonly exports?: readonly string[];
  /** What they are called with: lists of arguments by function, or a module that exports them by default, which may hold bytes. For Python a function, as `module:function`, that makes the object which the function is given. */
  readonly inputs?: string | InputOptions;
  /** Another module whose functions of the same names say what is right. Default: the module itself, called serially in a process of its own. */
  readonly oracle?: string;
  /** How the outputs of copies are compared with that of a single run. Default: bytes. */
  readonly compare?: 'bytes' | 'json';
  /** How long no thread may come any further before they count as stuck. Default: 10s. */
  readonly stall?: DurationOptions;
}

/** A component of any kind. */
export type ComponentOptions = CommandOptions | HttpOptions | TypesOptions | InitOptions | ThreadsOptions;

/** A step that prepares the environment. */
export interface SetupOptions {
  /** The command. Lines `NAME=value` that it writes to the file `$SHAKEDOWN_ENV` are exported to all that follows. */
  readonly run: RunOptions;
  /** What it is called in the output. Default: the command. */
  readonly name?: string;
  /** Files, folders and globs that decide whether it must run again. Default: none, and it always runs. */
  readonly inputs?: readonly string[];
  /** What it makes: where one of them is missing it runs again. */
  readonly outputs?: readonly string[];
  /** More environment for this step. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder it runs in. Default: the config file's. */
  readonly cwd?: string;
  /** How long it may take. Default: 30m. */
  readonly timeout?: DurationOptions;
}

/** A suite: the components of one project, and what they share. */
export interface SuiteOptions {
  /** The JSON Schema of this file, for editors. */
  readonly $schema?: string;
  /** `debug` runs everything under debugging allocators (`PYTHONMALLOC=debug`). Default: off. */
  readonly memory?: 'debug' | 'off';
  /** Environment of everything. */
  readonly env?: Readonly<Record<string, string>>;
  /** Steps that prepare the environment, in order, before any component. */
  readonly setup?: readonly (RunOptions | SetupOptions)[];
  /** The components, in the order in which they run. */
  readonly components: Readonly<Record<string, ComponentOptions>>;
}
