/** The options of `shakedown load`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect, durationText, wholeNumber } from './option-values.ts';

/** What was said on the command line. */
export interface LoadFlags {
  readonly connections?: number;
  readonly rate?: number;
  readonly arrivals?: 'constant' | 'poisson';
  readonly duration?: string;
  readonly requests?: number;
  readonly stages?: string;
  readonly warmup?: string;
  readonly workers?: number;
  readonly seed?: number;
  readonly method?: string;
  readonly header: readonly string[];
  readonly body?: string;
  readonly bodyFile?: string;
  readonly bodyJson?: string;
  readonly request: readonly string[];
  readonly data?: string;
  readonly user?: string;
  readonly userFile?: string;
  readonly userEnv?: string;
  readonly bearer?: string;
  readonly bearerFile?: string;
  readonly bearerEnv?: string;
  readonly timeout?: string;
  readonly connectTimeout?: string;
  readonly keepAlive: boolean;
  readonly pipelining?: number;
  readonly http2: boolean;
  readonly streams?: number;
  readonly unix?: string;
  readonly connectTo?: string;
  readonly source?: string;
  readonly insecure: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly expectStatus?: string;
  readonly expectHeader: readonly string[];
  readonly expectBody: readonly string[];
  readonly expectJson: readonly string[];
  readonly expectLength?: number;
  readonly checkEvery?: number;
  readonly threshold: readonly string[];
  readonly abortOn: readonly string[];
  readonly strict: boolean;
  readonly json: boolean;
  readonly csv?: string;
  readonly hlog?: string;
  readonly pid?: number;
}

const MOST = 1_000_000_000;

function rateOption(text: string): number {
  const value = Number(text.replace(/\/s$/, ''));
  if (!/^\d+(?:\.\d+)?(?:\/s)?$/.test(text) || value <= 0)
    throw new InvalidArgumentError('A rate is a number of requests a second above 0, such as 1000 or 0.5/s.');
  return value;
}

function modelOptions(command: Command): Command {
  return command
    .optionsGroup('How much:')
    .option(
      '-c, --connections <n>',
      'connections, each of which sends as soon as it was answered (default: 10); with --rate the most there may be (default: 1000)',
      wholeNumber(1, 1_000_000, 'A number of connections'),
    )
    .option('-r, --rate <n>', 'send so many requests a second, whatever is answered', rateOption)
    .addOption(
      new Option(
        '--arrivals <how>',
        'how requests are spread at a --rate: constant (default) or poisson',
      ).choices(['constant', 'poisson']),
    )
    .option('-d, --duration <time>', 'how long to send, such as 30s or 5m (default: 10s)', durationText)
    .option(
      '-n, --requests <n>',
      'send so many requests instead',
      wholeNumber(1, MOST, 'A number of requests'),
    )
    .option(
      '--stages <list>',
      'ramps, such as 10s:50,1m:50,5s:0 (connections) or 10s:100/s-500/s (a rate), instead of a duration',
    )
    .option('--warmup <time>', 'send for so long before it counts', durationText)
    .option(
      '--workers <n>',
      'threads that send (default: half of the cores, at most 4)',
      wholeNumber(1, 256, 'A number of workers'),
    )
    .option('--seed <n>', 'repeats what was chosen at random', wholeNumber(0, 2 ** 32 - 1, 'A seed'));
}

function requestOptions(command: Command): Command {
  return command
    .optionsGroup('What to send:')
    .option('-X, --method <method>', 'the method (default: GET, with a body POST)')
    .option('-H, --header <line>', 'a header, as "Name: value"; may be repeated', collect, [])
    .option('--body <text>', 'the body')
    .option('--body-file <file>', 'the body, from a file')
    .option('--body-json <json>', 'the body, sent as application/json')
    .option(
      '--request <text>',
      'one of several, as "[WEIGHT] METHOD PATH [BODY]"; may be repeated',
      collect,
      [],
    )
    .option(
      '--data <file>',
      'CSV or JSON lines; {{column}} and {{counter}} in path, headers and body are filled in',
    )
    .option('--user <name:password>', 'basic authentication; who lists processes sees it')
    .option('--user-file <file>', 'the same, from a file')
    .option('--user-env <name>', 'the same, from an environment variable')
    .option('--bearer <token>', 'bearer authentication; who lists processes sees it')
    .option('--bearer-file <file>', 'the same, from a file')
    .option('--bearer-env <name>', 'the same, from an environment variable');
}

function connectionOptions(command: Command): Command {
  return command
    .optionsGroup('How to connect:')
    .option('--timeout <time>', 'how long a response may take (default: 10s)', durationText)
    .option('--connect-timeout <time>', 'how long a connection may take (default: 5s)', durationText)
    .option('--no-keep-alive', 'a new connection for each request')
    .option('--pipelining <n>', 'requests under way on a connection', wholeNumber(1, 1000, 'Pipelining'))
    .option('--http2', 'speak HTTP/2', false)
    .option(
      '--streams <n>',
      'streams on an HTTP/2 connection (default: 1)',
      wholeNumber(1, 10_000, 'A number of streams'),
    )
    .option('--unix <path>', 'connect to a unix socket')
    .option('--connect-to <address>', 'connect to this address instead of the host of the URL')
    .option('--source <address>', 'connect from this address')
    .option('--insecure', 'accept any certificate', false)
    .option('--ca <file>', 'trust these authorities instead of the usual ones (PEM)')
    .option('--cert <file>', 'certificate of the client (PEM)')
    .option('--key <file>', 'its key (PEM)')
    .option('--server-name <name>', 'the name to ask for, and to verify, instead of the host of the URL');
}

function verdictOptions(command: Command): Command {
  return command
    .optionsGroup('What to demand:')
    .option('--expect-status <list>', 'such as 200,204 or 2xx or 200-299 (default: 2xx)')
    .option(
      '--expect-header <line>',
      '"Name", "Name: value" or "Name: /regex/"; may be repeated',
      collect,
      [],
    )
    .option(
      '--expect-body <text>',
      'a text that the body holds, =TEXT for all of it, or /regex/; may be repeated',
      collect,
      [],
    )
    .option('--expect-json <path=value>', 'such as user.roles.0="admin"; may be repeated', collect, [])
    .option('--expect-length <bytes>', 'the length of the body', wholeNumber(0, MOST, 'A length'))
    .option(
      '--check-every <n>',
      'check one response in n only (default: each)',
      wholeNumber(1, MOST, 'A number of responses'),
    )
    .option(
      '-t, --threshold <text>',
      'such as "p99 < 50ms", "errors == 0", "rate >= 1000/s"; may be repeated',
      collect,
      [],
    )
    .option('--abort-on <text>', 'end early, and fail, once this holds, such as "errors > 10%"', collect, [])
    .option('--strict', 'inconclusive when the load generator set the limit, whatever holds', false)
    .option(
      '--pid <pid>',
      'a process of the target, whose CPU and memory to watch',
      wholeNumber(1, 2 ** 31, 'A pid'),
    );
}

const EXAMPLES = `
Examples:
  shakedown load http://localhost:8001/
  shakedown load http://localhost:8001/ --rate 500 --duration 30s --threshold 'p99 < 50ms'
  shakedown load http://localhost:8001/items --body-json '{"id":{{counter}}}' --expect-status 201
`;

export function loadOptions(command: Command): Command {
  return (
    verdictOptions(connectionOptions(requestOptions(modelOptions(command))))
      .optionsGroup('What to tell:')
      .option('--json', 'the result as JSON on standard output', false)
      .option('--csv <file>', 'one line for each second')
      .option('--hlog <file>', 'a log that the tools of HdrHistogram read')
      .optionsGroup('Options:')
      .usage('<url> [options]')
      // The descriptions tell the defaults and the choices themselves.
      .configureHelp({ optionDescription: ({ description }) => description })
      .addHelpText('after', EXAMPLES)
  );
}
