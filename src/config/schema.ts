/** The shape of a config, for validation and for the JSON Schema that editors read. */
import * as v from 'valibot';
import { STOP_SIGNALS } from '../domain/suite.ts';
import { parseDuration } from '../domain/units.ts';
import { STATUSES } from './load/statuses.ts';

const RUN_MESSAGE = 'must be a command: a line for the shell, or a list of words that is not empty';
export const RunSchema = v.union(
  [
    v.pipe(v.string(), v.nonEmpty(RUN_MESSAGE)),
    v.tupleWithRest([v.pipe(v.string(), v.nonEmpty(RUN_MESSAGE))], v.string(), RUN_MESSAGE),
  ],
  RUN_MESSAGE,
);

const PATTERN_MESSAGE = 'must be a text that is not empty, a regular expression, or { regex: "…" }';
export const PatternSchema = v.union(
  [
    v.pipe(v.string(), v.nonEmpty(PATTERN_MESSAGE)),
    v.instance(RegExp),
    v.strictObject({ regex: v.string(), flags: v.optional(v.string()) }),
  ],
  PATTERN_MESSAGE,
);

const PatternsSchema = v.union(
  [PatternSchema, v.array(PatternSchema)],
  'must be a pattern or a list of them: a text, a regular expression, or { regex: "…" }',
);

export const DurationSchema = v.pipe(
  v.string('must be a duration such as "500ms", "5s" or "1m"'),
  v.check(
    (text) => parseDuration(text).ok,
    (issue) => {
      const parsed = parseDuration(issue.input);
      return parsed.ok ? '' : `must be a duration: ${parsed.error}`;
    },
  ),
);

const PORT_MESSAGE = 'must be a port: a whole number from 1 to 65535, or 0 to have a free one picked';
const PortSchema = v.pipe(
  v.number(PORT_MESSAGE),
  v.integer(PORT_MESSAGE),
  v.minValue(0, PORT_MESSAGE),
  v.maxValue(65535, PORT_MESSAGE),
);
const FIXED_PORT_MESSAGE = 'must be a port: a whole number from 1 to 65535';
const FixedPortSchema = v.pipe(
  v.number(FIXED_PORT_MESSAGE),
  v.integer(FIXED_PORT_MESSAGE),
  v.minValue(1, FIXED_PORT_MESSAGE),
  v.maxValue(65535, FIXED_PORT_MESSAGE),
);

const STATUS_MESSAGE = 'must be an HTTP status from 100 to 599, or a pair such as [200, 299]';
const StatusCodeSchema = v.pipe(
  v.number(STATUS_MESSAGE),
  v.integer(STATUS_MESSAGE),
  v.minValue(100, STATUS_MESSAGE),
  v.maxValue(599, STATUS_MESSAGE),
);
export const StatusSchema = v.union(
  [
    StatusCodeSchema,
    v.pipe(
      v.strictTuple([StatusCodeSchema, StatusCodeSchema]),
      v.check(([first, last]) => first <= last, 'must be a range that begins with its lower end'),
    ),
  ],
  STATUS_MESSAGE,
);

const EXIT_MESSAGE = 'must be an exit code from 0 to 255, or a list of them';
const ExitCodeSchema = v.pipe(
  v.number(EXIT_MESSAGE),
  v.integer(EXIT_MESSAGE),
  v.minValue(0, EXIT_MESSAGE),
  v.maxValue(255, EXIT_MESSAGE),
);

/** Refuses lists, which valibot takes for objects with the names 0, 1, 2 … */
const anObject = (message: string) =>
  v.custom<Record<string, unknown>>(
    (input) => typeof input === 'object' && input !== null && !Array.isArray(input),
    message,
  );

/** An object with names of the user's own choice. */
const namedValues = <V extends v.GenericSchema>(value: V, message: string) =>
  v.pipe(anObject(message), v.record(v.string(), value, message));

/** An object none of whose options is required. */
const optionsOf = (title: string, entries: v.ObjectEntries): v.GenericSchema =>
  v.pipe(anObject('must be an object of options'), v.strictObject(entries), v.title(title));

const EnvSchema = namedValues(
  v.string('must be a text; an environment holds nothing else'),
  'must be an object of names and texts',
);
const NamesSchema = v.array(v.string('must be a name'), 'must be a list of names');
const TextSchema = v.pipe(v.string('must be a text'), v.nonEmpty('must not be empty'));
const FlagSchema = v.boolean('must be true or false');
const count = (least: number) => {
  const message = `must be a whole number from ${least} up`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message));
};

const outputExpectations = {
  output: v.optional(PatternsSchema),
  forbid: v.optional(PatternsSchema),
  allow: v.optional(PatternsSchema),
};

export const ExpectSchema = optionsOf('ExpectOptions', {
  exitCode: v.optional(
    v.union([ExitCodeSchema, v.pipe(v.array(ExitCodeSchema), v.minLength(1, EXIT_MESSAGE))], EXIT_MESSAGE),
  ),
  ...outputExpectations,
});

const READY_MESSAGE =
  'must be one of { port }, { http }, { log }, { exec }, { file }, { all: [ … ] } or { any: [ … ] }';

/** Which condition is meant is told by its form, so that a mistake in it is reported as what it is. */
export const AnyReadySchema: v.GenericSchema = v.lazy((input: unknown): v.GenericSchema => {
  if (typeof input !== 'object' || input === null) return ReadySchema;
  const [, meant] = Object.entries(READY_SCHEMAS).find(([key]) => key in input) ?? [];
  return meant ?? ReadySchema;
});

const conditions = v.pipe(
  v.array(AnyReadySchema),
  v.minLength(1, 'must be a list of conditions that is not empty'),
);

/** The conditions by the option that tells which one is meant; `port` stands last, since `http` may have one too. */
const READY_SCHEMAS = {
  http: v.pipe(
    v.strictObject({
      http: v.pipe(v.string('must be a path'), v.startsWith('/', 'must be a path that begins with /')),
      status: v.optional(StatusSchema),
      port: v.optional(FixedPortSchema),
      timeout: v.optional(DurationSchema),
    }),
    v.title('ReadyHttpOptions'),
  ),
  log: v.pipe(v.strictObject({ log: PatternSchema }), v.title('ReadyLogOptions')),
  exec: v.pipe(
    v.strictObject({ exec: RunSchema, timeout: v.optional(DurationSchema) }),
    v.title('ReadyExecOptions'),
  ),
  file: v.pipe(v.strictObject({ file: TextSchema }), v.title('ReadyFileOptions')),
  all: v.pipe(v.strictObject({ all: conditions }), v.title('ReadyAllOptions')),
  any: v.pipe(v.strictObject({ any: conditions }), v.title('ReadyAnyOptions')),
  port: v.pipe(
    v.strictObject({
      port: v.union([FixedPortSchema, v.literal(true)], 'must be a port, or true for the service’s own'),
    }),
    v.title('ReadyPortOptions'),
  ),
} satisfies Record<string, v.GenericSchema>;

export const ReadySchema = v.union(Object.values(READY_SCHEMAS), READY_MESSAGE);

const STOP_MESSAGE = `must be one of ${STOP_SIGNALS.join(', ')}, or { signal, command } with one of these and a command`;
export const StopSignalSchema = v.picklist(STOP_SIGNALS, STOP_MESSAGE);
export const StopSchema = v.union(
  [
    StopSignalSchema,
    optionsOf('StopLongOptions', { signal: v.optional(StopSignalSchema), command: v.optional(RunSchema) }),
  ],
  STOP_MESSAGE,
);

export const ServiceSchema = v.pipe(
  v.strictObject({
    run: RunSchema,
    port: v.optional(PortSchema),
    ready: v.optional(AnyReadySchema),
    readyTimeout: v.optional(DurationSchema),
    stop: v.optional(StopSchema),
    grace: v.optional(DurationSchema),
    daemon: v.optional(FlagSchema),
    foreground: v.optional(RunSchema),
    env: v.optional(EnvSchema),
    cwd: v.optional(TextSchema),
    needs: v.optional(NamesSchema),
    expect: v.optional(optionsOf('ExpectOptions', outputExpectations)),
  }),
  v.title('ServiceOptions'),
);

const ThresholdsSchema = v.array(
  v.string('must be a condition such as "p99 < 50ms"'),
  'must be a list of conditions such as "p99 < 50ms"',
);

const HeadersSchema = namedValues(
  v.union([v.string(), v.array(v.string())], 'must be a text, or a list of texts'),
  'must be an object of names and texts',
);
const PathSchema = v.pipe(v.string('must be a path'), v.startsWith('/', 'must be a path that begins with /'));
const MethodSchema = v.pipe(
  v.string('must be a method'),
  v.regex(/^[A-Z][A-Z0-9-]*$/, 'must be a method in capitals, such as POST'),
);

/** Whether JSON gives back the same. */
function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return false;
  const plain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return plain && Object.values(value).every(isJson);
}
const JsonSchema = v.pipe(v.unknown(), v.check(isJson, 'must be a value that JSON can hold'));

/** The value with plain numbers in the place of integers of any size. */
function withoutBigInts(value: unknown): unknown {
  if (typeof value === 'bigint') return 0;
  if (Array.isArray(value)) return value.map(withoutBigInts);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutBigInts(each)]));
}

/** Whether every whole number in it is one that JavaScript tells from its neighbours. */
function isExact(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isExact);
}

const ExpectedJsonSchema = v.pipe(
  v.unknown(),
  v.check((value) => isJson(withoutBigInts(value)), 'must be a value that JSON can hold'),
  v.check(
    isExact,
    'has a number beyond 2^53, where those of JavaScript have gaps: write it with an n, as 12345678901234567890n',
  ),
);

const STATUSES_MESSAGE =
  'must be an HTTP status, a pair such as [200, 299], or a text such as "200,204" or "2xx"';
const HEADER_MESSAGE =
  'must be a text, a regular expression, { regex: "…" }, { equals: "…" }, or true where it must only be there';

export const LoadExpectSchema = optionsOf('LoadExpectOptions', {
  status: v.optional(
    v.union([StatusSchema, v.pipe(v.string(), v.regex(STATUSES, STATUSES_MESSAGE))], STATUSES_MESSAGE),
  ),
  headers: v.optional(
    namedValues(
      v.union([PatternSchema, v.literal(true), v.strictObject({ equals: v.string() })], HEADER_MESSAGE),
      'must be an object of names, each with what the header must hold',
    ),
  ),
  body: v.optional(PatternsSchema),
  exactBody: v.optional(v.string('must be a text')),
  json: v.optional(namedValues(ExpectedJsonSchema, 'must be an object of paths and values')),
  length: v.optional(count(0)),
});

export const LoadBodySchema = v.union(
  [
    v.string(),
    v.pipe(v.strictObject({ file: TextSchema }), v.title('LoadFileBodyOptions')),
    v.pipe(v.strictObject({ json: JsonSchema }), v.title('LoadJsonBodyOptions')),
  ],
  'must be a text, { file: "…" }, or { json: … } with a value that JSON can hold',
);

export const LoadRequestSchema = v.pipe(
  v.strictObject({
    path: PathSchema,
    weight: v.optional(v.pipe(v.number('must be a number'), v.gtValue(0, 'must be more than 0'))),
    method: v.optional(MethodSchema),
    headers: v.optional(HeadersSchema),
    body: v.optional(LoadBodySchema),
    expect: v.optional(LoadExpectSchema),
  }),
  v.title('LoadRequestOptions'),
);

const level = v.pipe(v.number('must be a number'), v.minValue(0, 'must be a number from 0 up'));
export const LoadStageSchema = v.pipe(
  v.strictObject({ duration: DurationSchema, to: level, from: v.optional(level) }),
  v.title('LoadStageOptions'),
);

const listOf = <S extends v.GenericSchema>(item: S, message: string) =>
  v.pipe(v.array(item, message), v.minLength(1, message));

export const LoadSchema = v.pipe(
  v.strictObject({
    kind: v.literal('load'),
    path: v.optional(PathSchema),
    method: v.optional(MethodSchema),
    headers: v.optional(HeadersSchema),
    body: v.optional(LoadBodySchema),
    mix: v.optional(listOf(LoadRequestSchema, 'must be a list of requests that is not empty')),
    data: v.optional(TextSchema),
    user: v.optional(v.string('must be a text')),
    bearer: v.optional(TextSchema),
    expect: v.optional(LoadExpectSchema),
    checkEvery: v.optional(count(1)),
    connections: v.optional(count(1)),
    rate: v.optional(v.pipe(v.number('must be a number'), v.gtValue(0, 'must be more than 0 a second'))),
    arrivals: v.optional(v.picklist(['constant', 'poisson'], 'must be "constant" or "poisson"')),
    requests: v.optional(count(1)),
    duration: v.optional(DurationSchema),
    stages: v.optional(listOf(LoadStageSchema, 'must be a list of stages that is not empty')),
    warmup: v.optional(DurationSchema),
    workers: v.optional(count(1)),
    seed: v.optional(count(0)),
    timeout: v.optional(DurationSchema),
    connectTimeout: v.optional(DurationSchema),
    keepAlive: v.optional(FlagSchema),
    pipelining: v.optional(count(1)),
    http2: v.optional(FlagSchema),
    streams: v.optional(count(1)),
    unix: v.optional(TextSchema),
    connectTo: v.optional(TextSchema),
    source: v.optional(TextSchema),
    https: v.optional(FlagSchema),
    insecure: v.optional(FlagSchema),
    ca: v.optional(TextSchema),
    cert: v.optional(TextSchema),
    key: v.optional(TextSchema),
    serverName: v.optional(TextSchema),
    abortOn: v.optional(ThresholdsSchema),
    strict: v.optional(FlagSchema),
  }),
  v.title('LoadOptions'),
);

export const ClientSchema = v.pipe(
  v.strictObject({ run: RunSchema, expect: v.optional(ExpectSchema) }),
  v.title('ClientOptions'),
);

/** Which schema a client is held against: told by its form, so that a mistake in it is reported as what it is. */
export const AnyClientSchema = v.lazy((input: unknown): v.GenericSchema => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return RunSchema;
  return 'kind' in input ? LoadSchema : ClientSchema;
});

export const InputsSchema = namedValues(
  v.array(v.array(v.unknown(), 'must be a list of arguments'), 'must be a list of lists of arguments'),
  'must be an object of functions and lists of their arguments, or a module that exports one',
);

export const AnyInputsSchema = v.lazy(
  (input: unknown): v.GenericSchema => (typeof input === 'string' ? TextSchema : InputsSchema),
);

const common = {
  env: v.optional(EnvSchema),
  cwd: v.optional(TextSchema),
  timeout: v.optional(DurationSchema),
  slow: v.optional(DurationSchema),
  retries: v.optional(count(0)),
  needs: v.optional(NamesSchema),
  onlyWhenNamed: v.optional(FlagSchema),
  leave: v.optional(v.array(TextSchema, 'must be a list of texts, such as ["gpg-agent"]')),
};

const BUDGET_MESSAGE = 'must be how much longer than the bare interpreter it may take, such as "< 1.5x"';
const RESOLUTIONS = ['node16', 'nodenext', 'bundler'] as const;
const RESOLUTION_MESSAGE = 'must be "node16", "nodenext" or "bundler", or a list of them';
const PERCENT_MESSAGE = 'must be a share in percent, from 0 to 100';

const oneOrMore = <V extends v.GenericSchema>(value: V, message: string) =>
  v.union([value, v.pipe(v.array(value, message), v.minLength(1, message))], message);

export const COMPONENT_SCHEMAS = {
  command: v.pipe(
    v.strictObject({
      kind: v.literal('command'),
      run: RunSchema,
      expect: v.optional(ExpectSchema),
      ...common,
    }),
    v.title('CommandOptions'),
  ),
  http: v.pipe(
    v.strictObject({
      kind: v.literal('http'),
      server: v.optional(ServiceSchema),
      services: v.optional(namedValues(ServiceSchema, 'must be an object of named services')),
      client: AnyClientSchema,
      thresholds: v.optional(ThresholdsSchema),
      ...common,
    }),
    v.title('HttpOptions'),
  ),
  threads: v.pipe(
    v.strictObject({
      kind: v.literal('threads'),
      module: v.optional(TextSchema),
      python: v.optional(TextSchema),
      run: v.optional(RunSchema),
      workers: v.optional(count(1)),
      copies: v.optional(count(2)),
      iterations: v.optional(count(1)),
      exports: v.optional(v.pipe(NamesSchema, v.minLength(1, 'must be a list of names that is not empty'))),
      inputs: v.optional(AnyInputsSchema),
      oracle: v.optional(TextSchema),
      compare: v.optional(v.picklist(['bytes', 'json'], 'must be "bytes" or "json"')),
      stall: v.optional(DurationSchema),
      ...common,
    }),
    v.title('ThreadsOptions'),
  ),
  types: v.pipe(
    v.strictObject({
      kind: v.literal('types'),
      sample: v.optional(TextSchema),
      package: v.optional(TextSchema),
      negative: v.optional(oneOrMore(TextSchema, 'must be a file or a list of files')),
      typescript: v.optional(oneOrMore(TextSchema, 'must be a version such as "5.9", or a list of them')),
      resolution: v.optional(oneOrMore(v.picklist(RESOLUTIONS, RESOLUTION_MESSAGE), RESOLUTION_MESSAGE)),
      module: v.optional(TextSchema),
      completeness: v.optional(
        v.pipe(v.number(PERCENT_MESSAGE), v.minValue(0, PERCENT_MESSAGE), v.maxValue(100, PERCENT_MESSAGE)),
      ),
      expect: v.optional(ExpectSchema),
      ...common,
    }),
    v.title('TypesOptions'),
  ),
  init: v.pipe(
    v.strictObject({
      kind: v.literal('init'),
      module: v.optional(TextSchema),
      python: v.optional(
        v.pipe(
          v.string('must be the name of a Python module'),
          v.regex(
            /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/,
            'must be the name of a Python module, such as json.decoder',
          ),
        ),
      ),
      use: v.optional(TextSchema),
      processes: v.optional(count(1)),
      hangAfter: v.optional(DurationSchema),
      coldStart: v.optional(
        v.pipe(v.string(BUDGET_MESSAGE), v.regex(/^<\s*\d+(?:\.\d+)?\s*x$/, BUDGET_MESSAGE)),
      ),
      denyModules: v.optional(v.array(TextSchema, 'must be a list of modules')),
      singletons: v.optional(v.array(TextSchema, 'must be a list of exports')),
      expect: v.optional(optionsOf('ExpectOptions', outputExpectations)),
      ...common,
    }),
    v.title('InitOptions'),
  ),
};

export const SetupStepSchema = v.pipe(
  v.strictObject({
    run: RunSchema,
    name: v.optional(TextSchema),
    inputs: v.optional(v.array(TextSchema, 'must be a list of paths')),
    outputs: v.optional(v.array(TextSchema, 'must be a list of paths')),
    env: v.optional(EnvSchema),
    cwd: v.optional(TextSchema),
    timeout: v.optional(DurationSchema),
  }),
  v.title('SetupOptions'),
);

export const AnySetupSchema = v.lazy(
  (input: unknown): v.GenericSchema =>
    typeof input === 'object' && input !== null && !Array.isArray(input) ? SetupStepSchema : RunSchema,
);

/** The suite without its components, which are checked one by one so that each mistake is found. */
export const SuiteSchema = v.pipe(
  v.strictObject({
    $schema: v.optional(v.string()),
    memory: v.optional(v.picklist(['debug', 'off'], 'must be "debug" or "off"')),
    env: v.optional(EnvSchema),
    secrets: v.optional(v.array(TextSchema, 'must be a list of names')),
    setup: v.optional(v.array(AnySetupSchema, 'must be a list of steps')),
    components: namedValues(v.unknown(), 'must be an object of named components'),
  }),
  v.title('SuiteOptions'),
);
