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
  /**
   * How long an answer is waited for before the same is asked again, on another connection; twice as long each time. An
   * answer that comes later still counts. Default: 1s.
   */
  readonly timeout?: DurationOptions;
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
  /** How long one run may take before it is ended, and tried again; twice as long each time. Default: 2s. */
  readonly timeout?: DurationOptions;
}

/** Ready when a file has appeared, or has been written again, since the service was started. */
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

/** A signal that may ask a service to end. */
export type StopSignalOptions =
  | 'SIGTERM'
  | 'SIGINT'
  | 'SIGQUIT'
  | 'SIGHUP'
  | 'SIGUSR1'
  | 'SIGUSR2'
  | 'SIGWINCH';

/** How a service is asked to end, in long form. */
export interface StopLongOptions {
  /** The signal. Whoever leads the processes of the service gets it first, the others when they stay. Default: SIGTERM. */
  readonly signal?: StopSignalOptions;
  /** A command that has the service end, such as `redis-cli -p $PORT shutdown`. The signal is sent when it fails, or when half of the `grace` is over. */
  readonly command?: RunOptions;
}

/** How a service is asked to end: the name of a signal, or a command. */
export type StopOptions = StopSignalOptions | StopLongOptions;

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
  /** How it is asked to end, where SIGTERM is not the way: another signal, or a command. Default: SIGTERM. */
  readonly stop?: StopOptions;
  /** How long it may take to end after it was asked to before it is killed. Default: 5s. */
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
  /** The status, a range, or a text with several of either, such as `200,204,3xx`. Default: 200 to 299. */
  readonly status?: StatusOptions | string;
  /** Headers that must be there, and what each must hold, or be; `true`: whatever it is. */
  readonly headers?: Readonly<Record<string, PatternOptions | true | { readonly equals: string }>>;
  /** Texts that the body must hold, or regular expressions that must match it. */
  readonly body?: PatternOptions | readonly PatternOptions[];
  /** What the body must be, to the last byte. */
  readonly exactBody?: string;
  /** Values that the body, as JSON, must have, each by its path, such as `{ 'user.roles.0': 'admin' }`; `.` is all of it. Numbers are compared exactly; one beyond 2^53 is written as `12345678901234567890n`. */
  readonly json?: Readonly<Record<string, unknown>>;
  /** The length of the body in bytes. */
  readonly length?: number;
}

/** A body from a file. */
export interface LoadFileBodyOptions {
  /** The file, relative to the component's folder. It is read when the config is. */
  readonly file: string;
}

/** A body in JSON. */
export interface LoadJsonBodyOptions {
  /** Any value that JSON can hold. It is sent as `application/json`, unless the headers say otherwise. */
  readonly json: unknown;
}

/** A body: the text itself, a file, or a value to be sent as JSON. */
export type LoadBodyOptions = string | LoadFileBodyOptions | LoadJsonBodyOptions;

/** One of several requests of a load. */
export interface LoadRequestOptions {
  /** Path and query. */
  readonly path: string;
  /** Its share of all requests: its weight among the sum of all weights. Default: 1. */
  readonly weight?: number;
  /** The method. Default: GET, with a body POST. */
  readonly method?: string;
  /** Headers, beside those that all requests have. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** The body. */
  readonly body?: LoadBodyOptions;
  /** What is demanded of its responses. Default: what is demanded of all. */
  readonly expect?: LoadExpectOptions;
}

/** A stage of a load: a time within which the level goes in a straight line from one value to another. */
export interface LoadStageOptions {
  /** How long it takes. */
  readonly duration: DurationOptions;
  /** The level at its end: requests a second where there is a `rate`, else connections. */
  readonly to: number;
  /** The level at its beginning. Default: where the stage before ended; at the first the `rate` or the `connections`. */
  readonly from?: number;
}

/** The built-in client: sends requests, checks every response, and measures. In path, headers and body `{{counter}}` is the number of the request, and `{{name}}` the column of that name in the `data`. */
export interface LoadOptions {
  /** Marks the built-in client; `load()` sets it. */
  readonly kind: 'load';
  /** Path and query. Default: `/`. */
  readonly path?: string;
  /** The method. Default: GET, with a body POST. */
  readonly method?: string;
  /** Headers of each request; several of one name as a list. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Body of each request. */
  readonly body?: LoadBodyOptions;
  /** Several requests, drawn by their weights, instead of one. */
  readonly mix?: readonly LoadRequestOptions[];
  /** A file with values for the places in path, headers and body: CSV with a head, or one JSON object a line. Each request takes the next row, and after the last the first again. The file is relative to the component's folder, and read when the config is. */
  readonly data?: string;
  /** Basic authentication: `name:password`. */
  readonly user?: string;
  /** Bearer authentication: the token. */
  readonly bearer?: string;
  /** What is demanded of each response. */
  readonly expect?: LoadExpectOptions;
  /** Checks one response in so many only; the result says so. Default: 1, each. */
  readonly checkEvery?: number;
  /** How many connections send at once, or, with a `rate`, how many there may be. Default: 10, with a rate 1000. */
  readonly connections?: number;
  /** Requests a second, each sent when it is due, whatever became of those before. Without it a connection sends its next request when the last one was answered. */
  readonly rate?: number;
  /** Whether the requests of a `rate` come evenly or by chance. Default: constant. */
  readonly arrivals?: 'constant' | 'poisson';
  /** How many requests to send in all. Default: 1000, unless `duration` or `stages` are given. */
  readonly requests?: number;
  /** How long to send, instead of a number of requests. */
  readonly duration?: DurationOptions;
  /** Ramps and plateaus, one after the other, instead of a duration. */
  readonly stages?: readonly LoadStageOptions[];
  /** How long to send before anything counts. Default: not at all. */
  readonly warmup?: DurationOptions;
  /** How many threads send. Default: 1. */
  readonly workers?: number;
  /** What chance is drawn from: the same number gives the same arrivals and the same order of a mix. Default: 1. */
  readonly seed?: number;
  /** How long a response may take. Default: 10s. */
  readonly timeout?: DurationOptions;
  /** How long a connection may take. Default: 5s. */
  readonly connectTimeout?: DurationOptions;
  /** Whether a connection is used for more than one request. Default: true. */
  readonly keepAlive?: boolean;
  /** How many requests may be under way on a connection of HTTP/1.1. Default: 1. */
  readonly pipelining?: number;
  /** Whether HTTP/2 is spoken. Default: false. */
  readonly http2?: boolean;
  /** How many streams an HTTP/2 connection has. Default: 1. */
  readonly streams?: number;
  /** A unix socket to connect to, relative to the component's folder. A service that listens on it needs no port. */
  readonly unix?: string;
  /** An address to connect to, instead of the one that the name stands for. */
  readonly connectTo?: string;
  /** An address of this machine to connect from. */
  readonly source?: string;
  /** Whether the service speaks TLS. Default: false. */
  readonly https?: boolean;
  /** Whether to take any certificate. Default: false. */
  readonly insecure?: boolean;
  /** The authorities to trust instead of the usual ones: a file relative to the component's folder, or PEM itself. */
  readonly ca?: string;
  /** The certificate of the client: a file, or PEM itself. */
  readonly cert?: string;
  /** Its key: a file, or PEM itself. */
  readonly key?: string;
  /** The name to ask for, and to verify, instead of `localhost`. */
  readonly serverName?: string;
  /** Conditions, as in `thresholds`, that end the load at once, and fail it, when one holds. */
  readonly abortOn?: readonly string[];
  /** Makes a load inconclusive when the load generator, not the service, was the bottleneck, even if all thresholds hold. Default: false, which only warns. */
  readonly strict?: boolean;
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
  /** Helpers that its commands may leave behind without failing, each by a text that occurs anywhere in the helper's command line, such as `gpg-agent`: `sleep` would allow `node sleepy.js` too. They and what they have started are ended all the same. */
  readonly leave?: readonly string[];
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
  /** Several services by name. The client tries `server`, or, when there is none, the one of these that no other needs. */
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
  /** Names of more variables whose values are secrets: `•••` in every output and log. Those whose names sound like secrets, such as `CI_TOKEN`, are taken for some anyway. */
  readonly secrets?: readonly string[];
  /** Steps that prepare the environment, in order, before any component. */
  readonly setup?: readonly (RunOptions | SetupOptions)[];
  /** The components, in the order in which they run. */
  readonly components: Readonly<Record<string, ComponentOptions>>;
}
