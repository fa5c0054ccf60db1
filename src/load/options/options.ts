/** The words of `load({ … })`, the built-in client. */
import * as v from 'valibot';
import type { LoadLastResponse, LoadUser } from '../../core/load-scenario.ts';
import {
  anyOptionsOf,
  type EntriesOf,
  FlagSchema,
  listOf,
  namedValues,
  oneOrMore,
  optionsOf,
  TextSchema,
  whole,
} from '../../kinds/common/schema.ts';
import {
  type DurationOptions,
  DurationSchema,
  type PatternOptions,
  PatternSchema,
  PatternsSchema,
  type StatusOptions,
  StatusSchema,
} from '../../kinds/common/words.ts';
import { type LoadAgentsOptions, LoadAgentsSchema } from './agents-options.ts';
import { type LoadFindRateOptions, LoadFindRateSchema } from './find-rate-options.ts';
import { ExpectedJsonSchema, JsonSchema } from './json-values.ts';
import { STATUSES } from './statuses.ts';
import { LOAD_WORDS, METHOD, MOST, type PlainWord, plainWords, type Word } from './words.ts';

/** The built-in client: sends requests, checks every response, and measures. In path, headers and body, `{{counter}}` is the number of the request and `{{name}}` the column of that name in `data`. */
export interface LoadOptions {
  /** Marks the built-in client; `load()` sets it. */
  readonly kind: 'load';
  /** Path and query. Default: `/`. */
  readonly path?: string;
  /** The method. Default: GET, with a body POST. */
  readonly method?: string;
  /** Headers of each request; a list for several of the same name. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Body of each request. */
  readonly body?: LoadBodyOptions;
  /** Opens WebSockets at this path instead of sending requests: sends messages on them and waits for their answers. */
  readonly websocket?: string;
  /** The message that a WebSocket sends, again and again. Without it, connections are only kept open. Bytes of a file that are no text make a binary message. */
  readonly send?: LoadBodyOptions;
  /** The subprotocols that a WebSocket offers, separated by commas. */
  readonly subprotocol?: string;
  /** Reads streams of server-sent events at this path, instead of whole responses. */
  readonly sse?: string;
  /** Several requests, chosen at random by their weights, instead of one. */
  readonly mix?: readonly LoadRequestOptions[];
  /** What each user does, one request after another, instead of a `path` or a `mix`. Users keep cookies and captured values. If any of the steps has a `weight`, an iteration is one step, chosen at random; otherwise all of them in order. A function, which only a config in TypeScript or JavaScript can have, is given the last response and returns the next request. A request that fails ends the iteration. `requests`, `rate` and `{{counter}}` then count iterations, and `{{user}}` is the number of the user. */
  readonly steps?: readonly LoadStepOptions[] | LoadStepsFunction;
  /** What each user does once ahead of the load, such as to log in. It is measured apart. */
  readonly before?: LoadStepOptions | readonly LoadStepOptions[];
  /** What a user does when it is answered by a status, such as `{ 401: login }`; then it sends the step once more. */
  readonly onStatus?: Readonly<Record<string, LoadStepOptions | readonly LoadStepOptions[]>>;
  /** How long a user pauses after each step. Default: not at all. */
  readonly think?: LoadThinkOptions;
  /** How many users go through the `steps`. Default: as many as there are connections. */
  readonly users?: number;
  /** A file with values for the placeholders in path, headers and body: CSV with a header line, or one JSON object per line. Each request takes the next row, and the first again after the last. The file is relative to the component's folder and is read along with the config. */
  readonly data?: string;
  /** Basic authentication: `name:password`. */
  readonly user?: string;
  /** Bearer authentication: the token. */
  readonly bearer?: string;
  /** What each response must be like; of a WebSocket each answer, of a stream of events each event. There, status and headers are about the response that opens it. */
  readonly expect?: LoadExpectOptions;
  /** Checks only one response in this many; the result says so. Default: 1, each. */
  readonly checkEvery?: number;
  /** How many connections send at once or, with a `rate`, how many there may be. Default: 10, with a rate 1000. */
  readonly connections?: number;
  /** Requests per second, each sent when it is due, whatever became of the ones before. Without it, a connection sends its next request once the last one is answered. */
  readonly rate?: number;
  /** Whether the requests of a `rate` are spaced evenly or at random. Default: constant. */
  readonly arrivals?: 'constant' | 'poisson';
  /** How many requests to send in total. Default: 1000, unless `duration` or `stages` are given. */
  readonly requests?: number;
  /** How long to send, instead of a number of requests. */
  readonly duration?: DurationOptions;
  /** Ramps and plateaus, one after another, instead of a duration. */
  readonly stages?: readonly LoadStageOptions[];
  /** Searches for the highest rate at which conditions hold, instead of sending one rate: `duration` and `warmup` are then those of each rate that is tried. */
  readonly findRate?: LoadFindRateOptions;
  /** How long to warm up before measuring. Default: no warm-up; for each rate of `findRate`, a fifth of its duration. */
  readonly warmup?: DurationOptions;
  /** How many threads send. Default: 1. */
  readonly workers?: number;
  /** Sends from several machines, each with a `shakedown agent`, instead of this one. `workers` are then the threads of each, and all other numbers those of the whole load. */
  readonly agents?: LoadAgentsOptions;
  /** Random seed: the same number gives the same arrivals and the same order of a mix. Default: 1. */
  readonly seed?: number;
  /** How long a response may take. Default: 10s. */
  readonly timeout?: DurationOptions;
  /** How long a connection may take. Default: 5s. */
  readonly connectTimeout?: DurationOptions;
  /** Whether a connection is used for more than one request. Default: true. */
  readonly keepAlive?: boolean;
  /** How many requests may be under way on an HTTP/1.1 connection, or how many messages on a WebSocket. Default: 1, of messages with a `rate` 1000. */
  readonly pipelining?: number;
  /** Whether to speak HTTP/2. Default: false. */
  readonly http2?: boolean;
  /** How many streams an HTTP/2 connection has. Default: 1. */
  readonly streams?: number;
  /** A unix socket to connect to, relative to the component's folder. A service that listens on it needs no port. */
  readonly unix?: string;
  /** An address to connect to instead of the one the host name resolves to. */
  readonly connectTo?: string;
  /** An address of this machine to connect from. */
  readonly source?: string;
  /** Whether the service speaks TLS. Default: false. */
  readonly https?: boolean;
  /** Whether to accept any certificate. Default: false. */
  readonly insecure?: boolean;
  /** The authorities to trust instead of the default ones: a file relative to the component's folder, or the PEM itself. */
  readonly ca?: string;
  /** The client's certificate: a file, or the PEM itself. */
  readonly cert?: string;
  /** Its key: a file, or the PEM itself. */
  readonly key?: string;
  /** The host name to request and verify instead of `localhost`. */
  readonly serverName?: string;
  /** Conditions, written as in `thresholds`: as soon as one is true, the load stops and fails. */
  readonly abortOn?: readonly string[];
  /** A folder in which each failed request is written into a file of its own, at most 1000 of them, relative to the component's folder. It must be new, empty, or hold such files, which are replaced. */
  readonly saveFailures?: string;
  /** Makes a load inconclusive when the load generator, not the service, was the bottleneck, even if all thresholds hold. Default: false, which only warns. */
  readonly strict?: boolean;
}

/** One of several requests of a load: a path and a method, or `get: '/items'` for both. */
export interface LoadRequestOptions {
  /** Its name in the result, the reports and thresholds such as `p99{create} < 80ms`. Requests of the same name are counted together. Default: method and path without the query, such as `GET /items`. */
  readonly name?: string;
  /** Path and query. */
  readonly path?: string;
  /** Path and query of a GET. */
  readonly get?: string;
  /** Path and query of a POST. */
  readonly post?: string;
  /** Path and query of a PUT. */
  readonly put?: string;
  /** Path and query of a PATCH. */
  readonly patch?: string;
  /** Path and query of a DELETE. */
  readonly delete?: string;
  /** Path and query of a HEAD. */
  readonly head?: string;
  /** Path and query of an OPTIONS request. */
  readonly options?: string;
  /** Its share of all requests: its weight divided by the sum of all weights. Default: 1. */
  readonly weight?: number;
  /** The method. Default: GET, with a body POST. */
  readonly method?: string;
  /** Headers, in addition to those that all requests have. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** The body. */
  readonly body?: LoadBodyOptions;
  /** The body as a JSON value, the same as `body: { json: … }`. */
  readonly json?: unknown;
  /** What its responses must be like. Default: the `expect` of all requests. With `steps`, placeholders are filled in here, too, except in regular expressions. */
  readonly expect?: LoadExpectOptions;
}

/** One request of a user. */
export interface LoadStepOptions extends LoadRequestOptions {
  /** Values that are taken from its response, by the name that later steps have for them: with `{ id: 'json:order.id' }` that value is filled in for `{{id}}`. A text says where the value is: `json:` and a path, or `header:` or `cookie:` and a name; a regular expression is matched against the body, and its first group is the value. If a value is not there, the response has failed. */
  readonly capture?: Readonly<Record<string, PatternOptions>>;
  /** How long the user pauses after it. Default: the `think` of all steps; none for what `before` and `onStatus` send. */
  readonly think?: LoadThinkOptions;
}

/**
 * Says what a user sends next, where a list of steps cannot. It is called with the last response of the iteration, which has passed
 * its checks, or `null` at the beginning, and returns the next request, or `null` at the end of the iteration. It must answer at once.
 * The response can be read during the call only. Placeholders are not filled in.
 */
export type LoadStepsFunction = (last: LoadLastResponse | null, user: LoadUser) => LoadRequestOptions | null;

/** A pause, or the shortest and the longest that there are. */
export type LoadThinkOptions = DurationOptions | readonly [DurationOptions, DurationOptions];

/** A body: the text itself, a file, or a value to be sent as JSON. */
export type LoadBodyOptions = string | LoadFileBodyOptions | LoadJsonBodyOptions;

/** A body from a file. */
export interface LoadFileBodyOptions {
  /** The file, relative to the component's folder. It is read along with the config. */
  readonly file: string;
}

/** A body in JSON. */
export interface LoadJsonBodyOptions {
  /** Any JSON value. It is sent as `application/json` unless the headers say otherwise. */
  readonly json: unknown;
}

/** What the built-in client expects of each response. */
export interface LoadExpectOptions {
  /** The status, a range, or a text with several of either, such as `200,204,3xx`. Default: 200 to 299. */
  readonly status?: StatusOptions | string;
  /** Headers that must be there, and what each must contain or equal; `true` accepts any value. */
  readonly headers?: Readonly<Record<string, PatternOptions | true | { readonly equals: string }>>;
  /** Texts that the body must contain, or regular expressions that must match it. */
  readonly body?: PatternOptions | readonly PatternOptions[];
  /** The whole body, byte for byte. */
  readonly exactBody?: string;
  /** Values that the JSON body must have, each by its path, such as `{ 'user.roles.0': 'admin' }`; `.` is the whole body. Numbers are compared exactly; write one beyond 2^53 as `12345678901234567890n`. */
  readonly json?: Readonly<Record<string, unknown>>;
  /** The length of the body in bytes. */
  readonly length?: number;
}

/** A stage of a load, in which the level moves in a straight line from one value to another. */
export interface LoadStageOptions {
  /** How long it takes. */
  readonly duration: DurationOptions;
  /** The level at its end: requests per second if there is a `rate`, otherwise connections. */
  readonly to: number;
  /** The level at its beginning. Default: where the previous stage ended; for the first one, the `rate` or the `connections`. */
  readonly from?: number;
}

/** @internal */
export const ThresholdsSchema = v.array(
  v.string('must be a condition such as "p99 < 50ms"'),
  'must be a list of conditions such as "p99 < 50ms"',
);

const positive = (per = '') =>
  v.pipe(
    v.number('must be a number'),
    v.gtValue(0, `must be more than 0${per}`),
    v.maxValue(MOST, `must be at most ${MOST}${per}`),
  );

const count = ({ least, most }: Extract<Word, { form: 'whole' }>) =>
  whole(`must be a whole number from ${least} to ${most}`, least, most);

const SCHEMAS = {
  ...{ rate: positive(' a second'), duration: DurationSchema, switch: FlagSchema },
  ...{ text: TextSchema, texts: ThresholdsSchema },
};

/** The schema of an option in a config. */
function schemaOf(word: Word): v.GenericSchema {
  if (word.form === 'whole') return count(word);
  if (word.form !== 'choice') return SCHEMAS[word.form];
  return v.picklist(word.choices, `must be ${word.choices.map((each) => `"${each}"`).join(' or ')}`);
}

const HeadersSchema = namedValues(
  v.union([v.string(), v.array(v.string())], 'must be a text, or a list of texts'),
  'must be an object of names and texts',
);
const PathSchema = v.pipe(v.string('must be a path'), v.startsWith('/', 'must be a path that begins with /'));
const MethodSchema = v.pipe(
  v.string('must be a method'),
  v.regex(METHOD, 'must be a method in capitals, such as POST'),
);

const STATUSES_MESSAGE =
  'must be an HTTP status, a pair such as [200, 299], or a text such as "200,204" or "2xx"';
const HEADER_MESSAGE =
  'must be a text, a regular expression, { regex: "…" }, { equals: "…" }, or true where it must only be there';

/** @internal */
export const LoadExpectSchema = anyOptionsOf<LoadExpectOptions>('LoadExpectOptions', {
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
  length: v.optional(count(LOAD_WORDS.expectLength)),
});

/** @internal */
export const LoadBodySchema = v.union(
  [
    v.string(),
    optionsOf<LoadFileBodyOptions>('LoadFileBodyOptions', { file: TextSchema }),
    optionsOf<LoadJsonBodyOptions>('LoadJsonBodyOptions', { json: JsonSchema }),
  ],
  'must be a text, { file: "…" }, or { json: … } with a value that JSON can hold',
);

const requestEntries: EntriesOf<LoadRequestOptions> = {
  name: v.optional(TextSchema),
  path: v.optional(PathSchema),
  get: v.optional(PathSchema),
  post: v.optional(PathSchema),
  put: v.optional(PathSchema),
  patch: v.optional(PathSchema),
  delete: v.optional(PathSchema),
  head: v.optional(PathSchema),
  options: v.optional(PathSchema),
  weight: v.optional(positive()),
  method: v.optional(MethodSchema),
  headers: v.optional(HeadersSchema),
  body: v.optional(LoadBodySchema),
  json: v.optional(JsonSchema),
  expect: v.optional(LoadExpectSchema),
};

/** @internal */
export const LoadRequestSchema = anyOptionsOf<LoadRequestOptions>('LoadRequestOptions', requestEntries);

const THINK = "must be a duration, or the shortest and the longest, such as ['20ms', '80ms']";
const ThinkSchema = v.union(
  [DurationSchema, v.strictTuple([DurationSchema, DurationSchema], THINK)],
  THINK,
) as v.GenericSchema<unknown, LoadThinkOptions>;

/** @internal */
export const LoadStepSchema = anyOptionsOf<LoadStepOptions>('LoadStepOptions', {
  ...requestEntries,
  capture: v.optional(namedValues(PatternSchema, 'must be an object of names, each with where its value is')),
  think: v.optional(ThinkSchema),
});

/** @internal */
export const StepsOrFunctionSchema: v.GenericSchema<unknown, NonNullable<LoadOptions['steps']>> = v.lazy(
  (input) =>
    typeof input === 'function'
      ? (v.instance(Function) as unknown as v.GenericSchema<unknown, LoadStepsFunction>)
      : listOf(LoadStepSchema, 'must be a non-empty list of steps'),
);
const StepsSchema = oneOrMore(LoadStepSchema, 'must be a step, or a non-empty list of steps');

const LEVEL = `must be a number from 0 to ${MOST}`;
const level = v.pipe(v.number(LEVEL), v.minValue(0, LEVEL), v.maxValue(MOST, LEVEL));
/** @internal */
export const LoadStageSchema = optionsOf<LoadStageOptions>('LoadStageOptions', {
  duration: DurationSchema,
  to: level,
  from: v.optional(level),
});

/** The types are checked where flags become options (`wordsAsSaid`). */
const plain = Object.fromEntries(
  plainWords().map(([name, word]) => [name, v.optional(schemaOf(word))]),
) as unknown as EntriesOf<Pick<LoadOptions, PlainWord>>;

/** @internal */
export const LoadSchema = optionsOf<LoadOptions>('LoadOptions', {
  kind: v.literal('load'),
  path: v.optional(PathSchema),
  https: v.optional(FlagSchema),
  method: v.optional(MethodSchema),
  headers: v.optional(HeadersSchema),
  body: v.optional(LoadBodySchema),
  websocket: v.optional(PathSchema),
  send: v.optional(LoadBodySchema),
  sse: v.optional(PathSchema),
  mix: v.optional(listOf(LoadRequestSchema, 'must be a non-empty list of requests')),
  steps: v.optional(StepsOrFunctionSchema),
  before: v.optional(StepsSchema),
  onStatus: v.optional(namedValues(StepsSchema, 'must be an object of statuses, each with what to do')),
  think: v.optional(ThinkSchema),
  users: v.optional(count(LOAD_WORDS.connections)),
  expect: v.optional(LoadExpectSchema),
  findRate: v.optional(LoadFindRateSchema),
  agents: v.optional(LoadAgentsSchema),
  stages: v.optional(listOf(LoadStageSchema, 'must be a non-empty list of stages')),
  ...plain,
});
