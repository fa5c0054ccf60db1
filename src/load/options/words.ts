/**
 * The options of a load, each defined once: its type, its default and its flag. The schema of configs and of
 * `runLoad`, the flags of `shakedown load` and their help are derived from this. Plain data, since every run loads the
 * flags, but no schema.
 */

/** The type of a value. */
type Form =
  /** `what` is the subject of the command line's error message. */
  | { readonly form: 'whole'; readonly least: number; readonly most: number; readonly what: string }
  | { readonly form: 'choice'; readonly choices: readonly string[] }
  /** A rate is in requests a second, at most `MOST`; the flag of `texts` is repeated for each. */
  | { readonly form: 'rate' | 'duration' | 'switch' | 'text' | 'texts' };

interface More {
  /** If true, the flag negates it. */
  readonly default?: number | string | boolean;
  readonly mayBeEmpty?: boolean;
  readonly short?: string;
  /** The flag's placeholder in the help, if the form does not give it. */
  readonly takes?: string;
  /** Path of the option that the flag sets, if its name or its form differs from the flag's; empty: none. */
  readonly of?: string;
}

/** An option and its flag: `--connect-timeout` sets `connectTimeout`. In the help, `{}` stands for the default. */
export type Word = Form & More & { readonly says: string };

/** The value of a flag; undefined when it was not given. */
export type Said<W> = W extends { form: 'whole' | 'rate' }
  ? number | undefined
  : W extends { form: 'switch' }
    ? boolean
    : W extends { form: 'texts' }
      ? readonly string[]
      : W extends { choices: readonly (infer Choice)[] }
        ? Choice | undefined
        : string | undefined;

const has = <const F extends Form, const M extends More>(form: F, says: string, more?: M) =>
  Object.assign({ ...form, says }, more);

export const whole = <const M extends More>(
  least: number,
  most: number,
  what: string,
  says: string,
  more?: M,
) => has({ form: 'whole', least, most, what }, says, more);
export const text = <const M extends More>(takes: string, says: string, more?: M) =>
  has({ form: 'text', takes }, says, more);
const texts = <const M extends More>(takes: string, says: string, more?: M) =>
  has({ form: 'texts', takes }, says, more);
export const duration = <const M extends More>(says: string, more?: M) =>
  has({ form: 'duration' }, says, more);
export const toggle = <const M extends More>(says: string, more?: M) => has({ form: 'switch' }, says, more);

/** A larger number is a typo. */
export const MOST = 1_000_000_000;

export const METHOD = /^[A-Z][A-Z0-9-]*$/;

/** With a rate, `connections` is only an upper limit. */
export const CONNECTIONS_AT_RATE = 1000;

/** Users, with a rate. A session for each costs the server more than a connection. */
export const USERS_AT_RATE = 100;

/** Defaults of the command line alone, where a user expects a quick result. */
export const COMMAND_DEFAULTS = { duration: '10s', mostWorkers: 4, expectStatus: '2xx' } as const;

/** Where a search for the highest rate begins and ends, in requests per second, unless the user says. */
export const FIND_RATE = { start: 100, least: 1, most: 100_000 } as const;

export const HOW_MUCH = {
  connections: whole(
    1,
    1_000_000,
    'A number of connections',
    `connections that each send as soon as they are answered (default: {}); with --rate, the maximum (default: ${CONNECTIONS_AT_RATE})`,
    { default: 10, short: '-c' },
  ),
  rate: has({ form: 'rate' }, 'send this many requests per second, whatever is answered', { short: '-r' }),
  arrivals: has(
    { form: 'choice', choices: ['constant', 'poisson'] },
    'how requests are spread with --rate: {} (default) or poisson',
    { default: 'constant', takes: '<how>' },
  ),
  duration: duration(`how long to send, such as 30s or 5m (default: ${COMMAND_DEFAULTS.duration})`, {
    short: '-d',
  }),
  // A config runs repeatedly, and should do the same each time.
  requests: whole(1, MOST, 'A number of requests', 'send this many requests instead', {
    default: 1000,
    short: '-n',
  }),
  stages: text(
    '<list>',
    'ramps, such as 10s:50,1m:50,5s:0 (connections) or 10s:100/s-500/s (a rate), instead of a duration',
    { of: 'stages' },
  ),
  warmup: duration('warm up this long before measuring'),
  findRate: texts(
    '<text>',
    'find the highest rate at which this holds, such as "p99 < 50ms"; may be repeated',
    { of: 'findRate.while' },
  ),
  from: has({ form: 'rate' }, 'the lowest rate to try with --find-rate', { of: 'findRate.from' }),
  to: has({ form: 'rate' }, `the highest rate to try with --find-rate (default: ${FIND_RATE.most})`, {
    of: 'findRate.to',
  }),
  workers: whole(
    1,
    256,
    'A number of workers',
    `sending threads (default: half of the cores, at most ${COMMAND_DEFAULTS.mostWorkers})`,
    { default: 1 },
  ),
  seed: whole(0, 2 ** 32 - 1, 'A seed', 'random seed', { default: 1 }),
};

export const WHAT_TO_SEND = {
  method: text('<method>', 'the method (default: GET, with a body POST)', { of: 'method', short: '-X' }),
  header: texts('<line>', 'a header, as "Name: value"; may be repeated', { of: 'headers', short: '-H' }),
  body: text('<text>', 'the body', { of: 'body', mayBeEmpty: true }),
  bodyFile: text('<file>', 'the body, from a file', { of: 'body.file' }),
  bodyJson: text('<json>', 'the body, sent as application/json', { of: 'body' }),
  send: text('<text>', 'to a ws:// URL: the message to send; without it, WebSockets are only kept open', {
    of: 'send',
  }),
  subprotocol: text('<list>', 'to a ws:// URL: the subprotocols to offer, separated by commas'),
  sse: toggle('read a stream of server-sent events', { of: 'sse' }),
  request: texts('<text>', 'one of several, as "[WEIGHT] METHOD PATH [BODY]"; may be repeated', {
    of: 'mix',
  }),
  data: text(
    '<file>',
    'CSV or JSON lines; {{column}} and {{counter}} in path, headers and body are filled in',
  ),
  user: text('<name:password>', 'basic authentication; visible to anyone who can list processes'),
  bearer: text('<token>', 'bearer authentication; visible to anyone who can list processes'),
};

export const HOW_TO_CONNECT = {
  timeout: duration('how long a response may take (default: {})', { default: '10s' }),
  connectTimeout: duration('how long a connection may take (default: {})', { default: '5s' }),
  keepAlive: toggle('a new connection for each request', { default: true }),
  pipelining: whole(1, 1000, 'Pipelining', 'requests under way on a connection', { default: 1 }),
  http2: toggle('speak HTTP/2'),
  streams: whole(1, 10_000, 'A number of streams', 'streams on an HTTP/2 connection (default: {})', {
    default: 1,
  }),
  unix: text('<path>', 'connect to a unix socket'),
  connectTo: text('<address>', 'connect to this address instead of the host in the URL'),
  source: text('<address>', 'connect from this address'),
  insecure: toggle('accept any certificate'),
  ca: text('<file>', 'trust these authorities instead of the default ones (PEM)'),
  cert: text('<file>', 'certificate of the client (PEM)'),
  key: text('<file>', 'its key (PEM)'),
  serverName: text('<name>', 'the host name to request and verify instead of that in the URL'),
};

export const WHAT_TO_DEMAND = {
  expectStatus: text(
    '<list>',
    `such as 200,204 or 2xx or 200-299 (default: ${COMMAND_DEFAULTS.expectStatus})`,
    { of: 'expect.status' },
  ),
  expectHeader: texts('<line>', '"Name", "Name: value" or "Name: /regex/"; may be repeated', {
    of: 'expect.headers',
  }),
  expectBody: texts(
    '<text>',
    'text that the body must contain, =TEXT for the whole body, or /regex/; may be repeated',
    { of: 'expect.body' },
  ),
  expectJson: texts('<path=value>', 'such as user.roles.0="admin"; may be repeated', { of: 'expect.json' }),
  expectLength: whole(0, MOST, 'A length', 'the length of the body', {
    of: 'expect.length',
    takes: '<bytes>',
  }),
  checkEvery: whole(1, MOST, 'A number of responses', 'check only one response in n (default: all)', {
    default: 1,
  }),
  threshold: texts('<text>', 'such as "p99 < 50ms", "errors == 0", "rate >= 1000/s"; may be repeated', {
    of: 'thresholds',
    short: '-t',
  }),
  abortOn: texts('<text>', 'stop early, and fail, once this is true, such as "errors > 10%"'),
  saveFailures: text('<dir>', 'write each failed request, at most 1000, into a file in this folder'),
  strict: toggle('inconclusive if the load generator was the bottleneck, whatever the thresholds say'),
};

/** How the server of Temporal is reached that agents wait at: for those who send load and for the agents themselves. */
export const HOW_TO_JOIN = {
  join: text('<host:port>', 'where the server of Temporal is, such as localhost:7233', { of: 'agents.join' }),
  namespace: text('<name>', 'its namespace (default: default)', { of: 'agents.namespace' }),
  pool: text('<name>', 'which agents, where a server serves several kinds (default: default)', {
    of: 'agents.pool',
  }),
  tlsCert: text('<file>', 'certificate that the server knows us by (PEM)', { of: 'agents.tlsCert' }),
  tlsKey: text('<file>', 'its key (PEM)', { of: 'agents.tlsKey' }),
  tlsCa: text('<file>', 'authorities that the server may have its certificate from (PEM)', {
    of: 'agents.tlsCa',
  }),
  apiKeyEnv: text('<name>', 'environment variable with the API key that the server knows us by', {
    of: 'agents.apiKeyEnv',
  }),
  apiKeyFile: text('<file>', 'the same, from a file', { of: 'agents.apiKeyFile' }),
};

/** How long agents may take to come, unless that is said. */
export const WAIT_FOR_AGENTS = '60s';

export const WHO_SENDS = {
  agents: whole(1, 1000, 'A number of agents', 'send from so many machines, each with a `shakedown agent`', {
    of: 'agents.count',
    takes: '<n>',
  }),
  waitForAgents: duration(`how long agents may take to come (default: ${WAIT_FOR_AGENTS})`, {
    of: 'agents.waitForAgents',
  }),
};

/** All options, except those that a URL gives. */
export const LOAD_WORDS = { ...HOW_MUCH, ...WHAT_TO_SEND, ...HOW_TO_CONNECT, ...WHAT_TO_DEMAND };

type Words = typeof LOAD_WORDS;

/** The options whose flag takes the same form as a config. */
export type PlainWord = keyof {
  [Name in keyof Words as Words[Name] extends { of: string } ? never : Name]: true;
};

export const plainWords = (): [PlainWord, Word][] =>
  Object.entries<Word>(LOAD_WORDS).filter(([, { of }]) => of === undefined) as [PlainWord, Word][];

/** Defaults of the other options. */
export const LOAD_DEFAULTS = { path: '/', weight: 1, status: [200, 299] } as const;
