/** From the words for the built-in client to what it is to send. */
import type { LoadCheck, LoadClient, LoadModel, Threshold } from '../domain/load.ts';
import { COUNTER, templateNames } from '../domain/template.ts';
import { parseThreshold } from '../domain/threshold.ts';
import { type Ms, ms, parseDuration } from '../domain/units.ts';
import type { LoadExpectOptions, LoadOptions, PatternOptions, StatusOptions } from './options.ts';

type Path = readonly (string | number)[];
/** Told of a mistake: where, what, and what to do. */
export type OnProblem = (path: Path, message: string, hint?: string) => void;

const TIMEOUT = ms(10_000);
const CONNECT_TIMEOUT = ms(5000);
const REQUESTS = 1000;
const CONNECTIONS = 10;
/** In an open loop this is only the most there may be. */
const OPEN_CONNECTIONS = 1000;

function duration(text: string | undefined, fallback: Ms): Ms {
  const parsed = text === undefined ? undefined : parseDuration(text);
  return parsed?.ok === true ? parsed.value : fallback;
}

function bodyMatch(pattern: PatternOptions): LoadCheck {
  if (typeof pattern === 'string') return { type: 'body', match: { type: 'contains', text: pattern } };
  const { source, flags } =
    pattern instanceof RegExp ? pattern : { source: pattern.regex, flags: pattern.flags ?? '' };
  return { type: 'body', match: { type: 'matches', source, flags: [...new Set(`${flags}m`)].join('') } };
}

function statusCheck(status: StatusOptions | undefined): LoadCheck {
  const [from, to] =
    status === undefined ? [200, 299] : typeof status === 'number' ? [status, status] : status;
  return { type: 'status', ranges: [{ from, to }] };
}

function toChecks(expect: LoadExpectOptions): LoadCheck[] {
  const checks = [statusCheck(expect.status)];
  for (const [name, text] of Object.entries(expect.headers ?? {}))
    checks.push({ type: 'header', name, match: { type: 'contains', text } });
  if (expect.length !== undefined) checks.push({ type: 'length', bytes: expect.length });
  if (expect.body !== undefined) checks.push(bodyMatch(expect.body));
  if (expect.exactBody !== undefined)
    checks.push({ type: 'body', match: { type: 'equals', text: expect.exactBody } });
  return checks;
}

function toModel({ rate, arrivals, connections }: LoadOptions): LoadModel {
  if (rate === undefined) return { type: 'closed', connections: connections ?? CONNECTIONS, stages: [] };
  return {
    type: 'open',
    rate,
    arrivals: arrivals ?? 'constant',
    stages: [],
    connections: connections ?? OPEN_CONNECTIONS,
  };
}

function checkForm(options: LoadOptions, path: Path, onProblem: OnProblem): void {
  const { requests, duration: span, rate, arrivals, expect } = options;
  if (requests !== undefined && span !== undefined)
    onProblem(
      [...path, 'duration'],
      'the client has both `requests` and `duration`',
      'keep the one that is to end it',
    );
  if (arrivals !== undefined && rate === undefined)
    onProblem([...path, 'arrivals'], '`arrivals` are those of a `rate`, and there is none', 'rate: 1000');
  const texts: [string, string | undefined][] = [
    ['path', options.path],
    ['body', options.body],
  ];
  for (const [name, text] of texts)
    for (const place of templateNames(text ?? ''))
      if (place !== COUNTER)
        onProblem([...path, name], `there is no value for {{${place}}}`, `there is {{${COUNTER}}}`);
  if (expect?.body === undefined || typeof expect.body === 'string') return;
  try {
    const { body } = expect;
    if (!(body instanceof RegExp)) new RegExp(body.regex, body.flags);
  } catch (error) {
    onProblem([...path, 'expect', 'body'], (error as Error).message);
  }
}

/** Reads conditions; those with a mistake are told and left out. */
export function toThresholds(texts: readonly string[], path: Path, onProblem: OnProblem): Threshold[] {
  return texts.flatMap((text, index) => {
    const parsed = parseThreshold(text);
    if (parsed.ok) return [parsed.value];
    onProblem([...path, index], parsed.error.message, parsed.error.hint);
    return [];
  });
}

/**
 * @param path where in the config the options are
 * @param thresholds what the result must hold
 */
export function buildLoad(
  options: LoadOptions,
  thresholds: readonly Threshold[],
  path: Path,
  onProblem: OnProblem,
): LoadClient {
  checkForm(options, path, onProblem);
  const method = options.method ?? 'GET';
  const target = options.path ?? '/';
  return {
    protocol: 'http1',
    model: toModel(options),
    limit:
      options.duration === undefined
        ? { type: 'requests', requests: options.requests ?? REQUESTS }
        : { type: 'duration', duration: duration(options.duration, TIMEOUT) },
    warmup: duration(options.warmup, ms(0)),
    workers: options.workers ?? 1,
    timeouts: { connect: CONNECT_TIMEOUT, response: duration(options.timeout, TIMEOUT) },
    keepAlive: options.keepAlive ?? true,
    pipelining: 1,
    requests: [
      {
        name: `${method} ${target}`,
        weight: 1,
        method,
        path: target,
        headers: Object.entries(options.headers ?? {}),
        body: options.body === undefined ? null : { encoding: 'utf8', content: options.body },
        checks: toChecks(options.expect ?? {}),
      },
    ],
    data: null,
    tls: { verify: true, ca: null, cert: null, key: null, serverName: null },
    checkEvery: 1,
    thresholds,
    abortOn: toThresholds(options.abortOn ?? [], [...path, 'abortOn'], onProblem),
    seed: options.seed ?? 1,
  };
}
