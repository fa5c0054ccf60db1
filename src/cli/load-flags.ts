/** The flags of `shakedown load`: one table, from which come the options, the type of what was said, and their names. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Path } from '../kinds/common/problem.ts';
import { CONNECTIONS_AT_RATE, LOAD_DEFAULTS } from '../load/options/defaults.ts';
import type { WordsBesideUrl } from '../load/options/index.ts';
import { collect, durationText, wholeNumber } from './option-values.ts';

/** What holds on the command line alone: who tries something at a prompt wants to see something soon. */
export const COMMAND_DEFAULTS = { duration: '10s', mostWorkers: 4, expectStatus: '2xx' } as const;

/** A flag. Its name is that of what it comes to, `connectTimeout` of `--connect-timeout`. */
interface Flag<Value> {
  /** What stands behind it, such as `<n>`. */
  readonly takes?: string;
  readonly says: string;
  readonly parse?: (text: string, before: Value) => Value;
  readonly choices?: readonly string[];
  /** What it comes to where it is not given. Where that is true, the flag denies it. */
  readonly fallback: Value;
}

interface More {
  readonly short?: string;
  /**
   * The word of `load({ … })` and `runLoad` that it is about, by its path; empty: none. Where this is left out, it says
   * the word that has its name, and in the form that is said there.
   */
  readonly of?: string;
}

const text = <M extends More>(takes: string, says: string, more?: M) =>
  Object.assign({ takes, says, fallback: undefined as string | undefined }, more);

const value = <V, M extends More>(takes: string, says: string, parse: (text: string) => V, more?: M) =>
  Object.assign({ takes, says, parse, fallback: undefined as V | undefined }, more);

/** May be repeated. */
const list = <M extends More>(takes: string, says: string, more?: M) =>
  Object.assign({ takes, says, parse: collect, fallback: [] as readonly string[] }, more);

const toggle = <M extends More>(says: string, fallback: boolean, more?: M) =>
  Object.assign({ says, fallback }, more);

const MOST = 1_000_000_000;

function rate(given: string): number {
  const number = Number(given.replace(/\/s$/, ''));
  if (!/^\d+(?:\.\d+)?(?:\/s)?$/.test(given) || number <= 0)
    throw new InvalidArgumentError('A rate is a number of requests a second above 0, such as 1000 or 0.5/s.');
  return number;
}

const HOW_MUCH = {
  connections: value(
    '<n>',
    `connections, each of which sends as soon as it was answered (default: ${LOAD_DEFAULTS.connections}); with --rate the most there may be (default: ${CONNECTIONS_AT_RATE})`,
    wholeNumber(1, 1_000_000, 'A number of connections'),
    { short: '-c' },
  ),
  rate: value('<n>', 'send so many requests a second, whatever is answered', rate, {
    short: '-r',
    of: 'rate',
  }),
  arrivals: {
    takes: '<how>',
    says: `how requests are spread at a --rate: ${LOAD_DEFAULTS.arrivals} (default) or poisson`,
    choices: ['constant', 'poisson'],
    fallback: undefined as 'constant' | 'poisson' | undefined,
  },
  duration: value(
    '<time>',
    `how long to send, such as 30s or 5m (default: ${COMMAND_DEFAULTS.duration})`,
    durationText,
    { short: '-d' },
  ),
  requests: value('<n>', 'send so many requests instead', wholeNumber(1, MOST, 'A number of requests'), {
    short: '-n',
  }),
  stages: text(
    '<list>',
    'ramps, such as 10s:50,1m:50,5s:0 (connections) or 10s:100/s-500/s (a rate), instead of a duration',
    { of: 'stages' },
  ),
  warmup: value('<time>', 'send for so long before it counts', durationText),
  workers: value(
    '<n>',
    `threads that send (default: half of the cores, at most ${COMMAND_DEFAULTS.mostWorkers})`,
    wholeNumber(1, 256, 'A number of workers'),
  ),
  seed: value('<n>', 'repeats what was chosen at random', wholeNumber(0, 2 ** 32 - 1, 'A seed')),
};

const WHAT_TO_SEND = {
  method: text('<method>', 'the method (default: GET, with a body POST)', { short: '-X', of: 'method' }),
  header: list('<line>', 'a header, as "Name: value"; may be repeated', { short: '-H', of: 'headers' }),
  body: text('<text>', 'the body', { of: 'body' }),
  bodyFile: text('<file>', 'the body, from a file', { of: 'body.file' }),
  bodyJson: text('<json>', 'the body, sent as application/json', { of: 'body' }),
  request: list('<text>', 'one of several, as "[WEIGHT] METHOD PATH [BODY]"; may be repeated', { of: 'mix' }),
  data: text(
    '<file>',
    'CSV or JSON lines; {{column}} and {{counter}} in path, headers and body are filled in',
  ),
  user: text('<name:password>', 'basic authentication; who lists processes sees it'),
  userFile: text('<file>', 'the same, from a file', { of: 'user' }),
  userEnv: text('<name>', 'the same, from an environment variable', { of: 'user' }),
  bearer: text('<token>', 'bearer authentication; who lists processes sees it'),
  bearerFile: text('<file>', 'the same, from a file', { of: 'bearer' }),
  bearerEnv: text('<name>', 'the same, from an environment variable', { of: 'bearer' }),
};

const HOW_TO_CONNECT = {
  timeout: value('<time>', `how long a response may take (default: ${LOAD_DEFAULTS.timeout})`, durationText),
  connectTimeout: value(
    '<time>',
    `how long a connection may take (default: ${LOAD_DEFAULTS.connectTimeout})`,
    durationText,
  ),
  keepAlive: toggle('a new connection for each request', true),
  pipelining: value('<n>', 'requests under way on a connection', wholeNumber(1, 1000, 'Pipelining')),
  http2: toggle('speak HTTP/2', false),
  streams: value(
    '<n>',
    `streams on an HTTP/2 connection (default: ${LOAD_DEFAULTS.streams})`,
    wholeNumber(1, 10_000, 'A number of streams'),
  ),
  unix: text('<path>', 'connect to a unix socket'),
  connectTo: text('<address>', 'connect to this address instead of the host of the URL'),
  source: text('<address>', 'connect from this address'),
  insecure: toggle('accept any certificate', false),
  ca: text('<file>', 'trust these authorities instead of the usual ones (PEM)'),
  cert: text('<file>', 'certificate of the client (PEM)'),
  key: text('<file>', 'its key (PEM)'),
  serverName: text('<name>', 'the name to ask for, and to verify, instead of the host of the URL'),
};

const WHAT_TO_DEMAND = {
  expectStatus: text(
    '<list>',
    `such as 200,204 or 2xx or 200-299 (default: ${COMMAND_DEFAULTS.expectStatus})`,
    { of: 'expect.status' },
  ),
  expectHeader: list('<line>', '"Name", "Name: value" or "Name: /regex/"; may be repeated', {
    of: 'expect.headers',
  }),
  expectBody: list('<text>', 'a text that the body holds, =TEXT for all of it, or /regex/; may be repeated', {
    of: 'expect.body',
  }),
  expectJson: list('<path=value>', 'such as user.roles.0="admin"; may be repeated', { of: 'expect.json' }),
  expectLength: value('<bytes>', 'the length of the body', wholeNumber(0, MOST, 'A length'), {
    of: 'expect.length',
  }),
  checkEvery: value(
    '<n>',
    'check one response in n only (default: each)',
    wholeNumber(1, MOST, 'A number of responses'),
  ),
  threshold: list('<text>', 'such as "p99 < 50ms", "errors == 0", "rate >= 1000/s"; may be repeated', {
    short: '-t',
    of: 'thresholds',
  }),
  abortOn: list('<text>', 'end early, and fail, once this holds, such as "errors > 10%"'),
  strict: toggle('inconclusive when the load generator set the limit, whatever holds', false),
  pid: value(
    '<pid>',
    'a process of the target, whose CPU and memory to watch',
    wholeNumber(1, 2 ** 31, 'A pid'),
    { of: '' },
  ),
};

const WHAT_TO_TELL = {
  json: toggle('the result as JSON on standard output', false, { of: '' }),
  csv: text('<file>', 'one line for each second', { of: '' }),
  hlog: text('<file>', 'a log that the tools of HdrHistogram read', { of: '' }),
};

const FLAGS = { ...HOW_MUCH, ...WHAT_TO_SEND, ...HOW_TO_CONNECT, ...WHAT_TO_DEMAND, ...WHAT_TO_TELL };

const GROUPS = {
  'How much:': HOW_MUCH,
  'What to send:': WHAT_TO_SEND,
  'How to connect:': HOW_TO_CONNECT,
  'What to demand:': WHAT_TO_DEMAND,
  'What to tell:': WHAT_TO_TELL,
};

type Flags = typeof FLAGS;

/** What was said on the command line. */
export type LoadFlags = { readonly [Name in keyof Flags]: Flags[Name]['fallback'] };

type Word = Exclude<
  keyof Flags,
  keyof { [Name in keyof Flags as Flags[Name] extends { of: string } ? Name : never]: true }
>;

type Entry = Flag<unknown> & More;
const entriesOf = (flags: object): [string, Entry][] => Object.entries<Entry>({ ...flags });

/** What was said in words that mean the same here as in a config. */
export function wordsAsSaid(flags: LoadFlags): Pick<WordsBesideUrl, Word> {
  const said = entriesOf(FLAGS).flatMap(([name, { of }]) => {
    const what = flags[name as keyof LoadFlags];
    return of === undefined && what !== undefined ? [[name, what]] : [];
  });
  return Object.fromEntries(said) as { readonly [Name in Word]?: NonNullable<LoadFlags[Name]> };
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const longName = (name: string, { fallback }: Entry): string =>
  `--${fallback === true ? 'no-' : ''}${dashed(name)}`;

/** How each word is said here, by its path: that of its first flag. The longest path that matches counts. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ...entriesOf(FLAGS)
    .map(([name, flag]) => [flag.of ?? name, longName(name, flag)] as const)
    .reverse(),
  ['headers.Authorization', '--header Authorization'],
  ['https', 'a URL that begins with https:'],
]);

/** @param path of a word, from the options of the load */
export function flagOf(path: Path): string {
  for (let length = path.length; length > 0; length -= 1) {
    const name = NAMES.get(path.slice(0, length).join('.'));
    if (name !== undefined) return name;
  }
  return `--${dashed(String(path[0]))}`;
}

function optionOf(name: string, flag: Entry): Option {
  const { short, takes, says, parse, choices, fallback } = flag;
  const names = [...(short === undefined ? [] : [short]), longName(name, flag)].join(', ');
  const option = new Option(takes === undefined ? names : `${names} ${takes}`, says).default(fallback);
  if (parse !== undefined) option.argParser(parse);
  return choices === undefined ? option : option.choices(choices);
}

const EXAMPLES = `
Examples:
  shakedown load http://localhost:8001/
  shakedown load http://localhost:8001/ --rate 500 --duration 30s --threshold 'p99 < 50ms'
  shakedown load http://localhost:8001/items --body-json '{"id":{{counter}}}' --expect-status 201
`;

export function loadOptions(command: Command): Command {
  for (const [group, flags] of Object.entries(GROUPS)) {
    command.optionsGroup(group);
    for (const [name, flag] of entriesOf(flags)) command.addOption(optionOf(name, flag));
  }
  return (
    command
      .optionsGroup('Options:')
      .usage('<url> [options]')
      // The descriptions tell the defaults and the choices themselves.
      .configureHelp({ optionDescription: ({ description }) => description })
      .addHelpText('after', EXAMPLES)
  );
}
