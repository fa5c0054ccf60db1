/** From what was said on the command line to a load plan, or to all that is wrong with it. */
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Diagnostic } from '../domain/diagnostic.ts';
import type {
  JsonValue,
  LoadBody,
  LoadCheck,
  LoadData,
  LoadLimit,
  LoadModel,
  LoadPlan,
  LoadRequest,
  LoadStage,
  LoadTls,
  TextMatch,
  Threshold,
} from '../domain/load.ts';
import { err, ok, type Result } from '../domain/result.ts';
import { suggest } from '../domain/suggest.ts';
import type { StatusRange } from '../domain/suite.ts';
import { COUNTER, templateNames } from '../domain/template.ts';
import { parseThreshold } from '../domain/threshold.ts';
import { ms, parseDuration } from '../domain/units.ts';
import { parseTable } from '../files/table.ts';
import type { LoadFlags } from './load-flags.ts';

const DURATION = ms(10_000);
const RESPONSE_TIMEOUT = ms(10_000);
const CONNECT_TIMEOUT = ms(5000);
const CONNECTIONS = 10;
/** At a rate this is only the most there may be. */
const CONNECTIONS_AT_RATE = 1000;
const MOST_DEFAULT_WORKERS = 4;

/** Collects what is wrong; a part that is wrong is undefined. */
class Mistakes {
  readonly all: Diagnostic[] = [];

  add(message: string, hint?: string): undefined {
    this.all.push({ message, ...(hint === undefined ? {} : { hint }) });
    return undefined;
  }

  /** Those of these options that were given, when they are more than one may be. */
  exclude(what: string, given: Readonly<Record<string, unknown>>): void {
    const names = Object.entries(given).flatMap(([name, value]) =>
      value === undefined || value === false || (Array.isArray(value) && value.length === 0) ? [] : [name],
    );
    if (names.length > 1) this.add(`${names.join(' and ')} contradict each other`, what);
  }

  read(option: string, path: string, cwd: string): Buffer | undefined {
    try {
      return readFileSync(resolve(cwd, path));
    } catch (error) {
      return this.add(
        `${option}: ${path} cannot be read: ${(error as Error).message}`,
        'name a file that exists and that you may read',
      );
    }
  }
}

const SCHEMES = ['http:', 'https:'];
const HAS_SCHEME = /^[a-z][a-z\d+.-]*:\/\//i;

function parseUrl(text: string, mistakes: Mistakes): URL | undefined {
  if (!HAS_SCHEME.test(text))
    return mistakes.add(
      `"${text}" is no URL: it has no scheme`,
      `write http://${text.replace(/^\/+/, '') || 'localhost:8001'}, or https://…`,
    );
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return mistakes.add(`"${text}" is no URL`, 'write it as http://localhost:8001/path');
  }
  if (SCHEMES.includes(url.protocol)) return url;
  const near = suggest(url.protocol, SCHEMES);
  return mistakes.add(
    `"${text}" has the scheme ${url.protocol.slice(0, -1)}, which is not supported`,
    near === undefined ? 'http and https are' : `did you mean ${near}//${url.host}${url.pathname}?`,
  );
}

/** Path and query as they are sent. The braces of templates, which a URL would encode, stay. */
function pathOf(url: URL): string {
  return `${url.pathname}${url.search}`.replace(
    /%7B%7B(?:%20)*([A-Za-z_][\w.-]*)(?:%20)*%7D%7D|\{\{%20([\w.-]+)%20\}\}/gi,
    (_, inPath: string | undefined, inQuery: string | undefined) => `{{${inPath ?? inQuery}}}`,
  );
}

/** `10s:50` goes from where the level is to 50 in ten seconds, `10s:20-50` from 20. With `/s` it is a rate. */
const STAGE = /^([\d.a-z]+):(?:([\d.]+)(?:\/s)?-)?([\d.]+)(\/s)?$/;

interface Stages {
  readonly isRate: boolean;
  readonly stages: LoadStage[];
}

function parseStages(text: string, start: number | undefined, mistakes: Mistakes): Stages | undefined {
  const accepted =
    'stages are written as 10s:50,1m:50,5s:0 (connections) or 10s:100/s,1m:100/s-500/s (a rate)';
  const stages: LoadStage[] = [];
  const kinds = new Set<boolean>();
  for (const part of text.split(',')) {
    const [, time = '', from, to = '', perSecond] = STAGE.exec(part.trim()) ?? [];
    const duration = parseDuration(time);
    if (time === '' || !Number.isFinite(Number(to)) || Number.isNaN(Number(from ?? 0)))
      return mistakes.add(`--stages: "${part}" is no stage`, accepted);
    if (!duration.ok) return mistakes.add(`--stages: ${duration.error}`);
    kinds.add(perSecond !== undefined);
    const before = stages.at(-1)?.to ?? start ?? Number(to);
    stages.push({ duration: duration.value, from: Number(from ?? before), to: Number(to) });
  }
  if (kinds.size > 1) return mistakes.add('--stages mixes connections and rates', accepted);
  const isRate = kinds.has(true);
  if (!isRate && stages.some(({ from, to }) => !Number.isInteger(from) || !Number.isInteger(to)))
    return mistakes.add('--stages: a number of connections is a whole number', accepted);
  if (stages.every(({ from, to }) => from === 0 && to === 0))
    return mistakes.add('--stages: every level is 0, so nothing would be sent', accepted);
  return { isRate, stages };
}

function modelOf(flags: LoadFlags, mistakes: Mistakes): LoadModel | undefined {
  const { rate, connections, arrivals = 'constant' } = flags;
  const ramp =
    flags.stages === undefined ? undefined : parseStages(flags.stages, rate ?? connections, mistakes);
  if (flags.stages !== undefined && ramp === undefined) return undefined;
  if (ramp !== undefined && !ramp.isRate && rate !== undefined)
    return mistakes.add(
      '--rate and --stages of connections contradict each other',
      'write the levels of the stages as rates: 10s:100/s',
    );
  const levels = ramp?.stages ?? [];
  if (rate !== undefined || ramp?.isRate === true)
    return {
      type: 'open',
      rate: rate ?? levels[0]?.from ?? 0,
      arrivals,
      stages: levels,
      connections: connections ?? CONNECTIONS_AT_RATE,
    };
  if (flags.arrivals !== undefined)
    return mistakes.add('--arrivals needs a rate', 'say how many requests a second by --rate');
  const most = Math.max(connections ?? 0, ...levels.flatMap(({ from, to }) => [from, to]));
  return { type: 'closed', connections: most === 0 ? CONNECTIONS : most, stages: levels };
}

function limitOf({ duration, requests }: LoadFlags, { stages }: LoadModel): LoadLimit {
  if (requests !== undefined) return { type: 'requests', requests };
  const whole = stages.reduce((sum, stage) => sum + stage.duration, 0);
  return { type: 'duration', duration: stages.length > 0 ? ms(whole) : (duration ?? DURATION) };
}

function workersOf(flags: LoadFlags, model: LoadModel, limit: LoadLimit, mistakes: Mistakes): number {
  const most = Math.min(model.connections, limit.type === 'requests' ? limit.requests : model.connections);
  if (flags.workers === undefined)
    return Math.min(most, MOST_DEFAULT_WORKERS, Math.max(1, Math.floor(availableParallelism() / 2)));
  if (flags.workers > most)
    mistakes.add(
      `--workers ${flags.workers} is more than there is to share: ${most === model.connections ? `${most} connections` : `${most} requests`}`,
      `at most --workers ${most}`,
    );
  return flags.workers;
}

const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

function headersOf(flags: LoadFlags, url: URL, mistakes: Mistakes): [string, string][] {
  const headers = flags.header.flatMap((line): [string, string][] => {
    const [, name = '', value = ''] = /^([^:]*):\s*(.*)$/s.exec(line) ?? [];
    if (HEADER_NAME.test(name) && !/[\r\n\0]/.test(value)) return [[name, value.trimEnd()]];
    mistakes.add(`--header "${line}" is no header`, 'write it as "Name: value"');
    return [];
  });
  const has = (wanted: string): boolean => headers.some(([name]) => name.toLowerCase() === wanted);
  const inUrl =
    url.username === ''
      ? undefined
      : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const user = flags.user ?? inUrl;
  mistakes.exclude('there is one way to authenticate', {
    '--user': user,
    '--bearer': flags.bearer,
    '--header Authorization': has('authorization'),
  });
  if (flags.user?.includes(':') === false)
    mistakes.add('--user has no password', 'write it as --user NAME:PASSWORD');
  if (user !== undefined) headers.push(['Authorization', `Basic ${Buffer.from(user).toString('base64')}`]);
  if (flags.bearer !== undefined) headers.push(['Authorization', `Bearer ${flags.bearer}`]);
  if (flags.bodyJson !== undefined && !has('content-type'))
    headers.push(['Content-Type', 'application/json']);
  return headers;
}

function bodyOf(flags: LoadFlags, cwd: string, mistakes: Mistakes): LoadBody | null {
  const { body, bodyFile, bodyJson } = flags;
  mistakes.exclude('there is one body', { '--body': body, '--body-file': bodyFile, '--body-json': bodyJson });
  if (bodyJson !== undefined) {
    try {
      // A place for a value may stand where JSON has none: {"id": {{id}}}.
      JSON.parse(bodyJson.replace(/\{\{[^{}]*\}\}/g, '0'));
    } catch (error) {
      mistakes.add(`--body-json is no JSON: ${(error as Error).message}`);
    }
    return { encoding: 'utf8', content: bodyJson };
  }
  if (body !== undefined) return { encoding: 'utf8', content: body };
  if (bodyFile === undefined) return null;
  const bytes = mistakes.read('--body-file', bodyFile, cwd) ?? Buffer.alloc(0);
  return isUtf8(bytes)
    ? { encoding: 'utf8', content: bytes.toString('utf8') }
    : { encoding: 'base64', content: bytes.toString('base64') };
}

const METHOD = /^[A-Z][A-Z0-9-]*$/;
const MIXED = /^(?:(\d+(?:\.\d+)?)\s+)?(\S+)\s+(\/\S*)(?:\s+([\s\S]+))?$/;

/** One `--request`: `3 GET /a`, `1 POST /items {"name":"{{name}}"}`. */
function parseRequest(
  text: string,
  common: Pick<LoadRequest, 'headers' | 'checks'>,
  mistakes: Mistakes,
): LoadRequest[] {
  const [, weight = '1', method = '', path = '', body] = MIXED.exec(text.trim()) ?? [];
  if (!METHOD.test(method) || Number(weight) <= 0) {
    mistakes.add(
      `--request "${text}" is no request`,
      'write it as "[WEIGHT] METHOD PATH [BODY]", such as "3 GET /items"',
    );
    return [];
  }
  return [
    {
      ...common,
      name: `${method} ${path}`,
      weight: Number(weight),
      method,
      path,
      body: body === undefined ? null : { encoding: 'utf8', content: body },
    },
  ];
}

function requestsOf(flags: LoadFlags, url: URL, cwd: string, mistakes: Mistakes): LoadRequest[] {
  const common = { headers: headersOf(flags, url, mistakes), checks: checksOf(flags, mistakes) };
  const body = bodyOf(flags, cwd, mistakes);
  if (flags.request.length > 0) {
    mistakes.exclude('each --request has a method and a body of its own', {
      '--request': flags.request,
      '--method': flags.method,
      '--body': body ?? undefined,
    });
    return flags.request.flatMap((text) => parseRequest(text, common, mistakes));
  }
  const method = (flags.method ?? (body === null ? 'GET' : 'POST')).toUpperCase();
  if (!METHOD.test(method))
    mistakes.add(`--method "${flags.method}" is no method`, 'write it as GET or POST');
  const path = pathOf(url);
  return [{ ...common, name: `${method} ${path}`, weight: 1, method, path, body }];
}

function parseStatuses(text: string, mistakes: Mistakes): StatusRange[] {
  return text.split(',').flatMap((part): StatusRange[] => {
    const [, family, from, to = from] =
      /^\s*(?:([1-5])xx|([1-5]\d\d)(?:-([1-5]\d\d))?)\s*$/i.exec(part) ?? [];
    if (family !== undefined) return [{ from: Number(family) * 100, to: Number(family) * 100 + 99 }];
    if (from !== undefined && Number(from) <= Number(to)) return [{ from: Number(from), to: Number(to) }];
    mistakes.add(
      `--expect-status: "${part}" is no status`,
      'write it as 200, 2xx or 200-299, several with commas',
    );
    return [];
  });
}

function parseMatch(
  option: string,
  text: string,
  fallback: 'equals' | 'contains',
  mistakes: Mistakes,
): TextMatch {
  const [, source, flags = ''] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? [];
  if (source !== undefined) {
    try {
      new RegExp(source, flags);
    } catch (error) {
      mistakes.add(`${option}: ${(error as Error).message}`);
    }
    return { type: 'matches', source, flags };
  }
  return text.startsWith('=') ? { type: 'equals', text: text.slice(1) } : { type: fallback, text };
}

function headerCheck(line: string, mistakes: Mistakes): LoadCheck[] {
  const [, name = '', value] = /^([^:]+?)(?:\s*:\s*(.*))?$/s.exec(line) ?? [];
  if (!HEADER_NAME.test(name)) {
    mistakes.add(
      `--expect-header "${line}" is no header`,
      'write it as "Name", "Name: value" or "Name: /regex/"',
    );
    return [];
  }
  const match = value === undefined ? null : parseMatch('--expect-header', value, 'equals', mistakes);
  return [{ type: 'header', name, match }];
}

function jsonCheck(text: string, mistakes: Mistakes): LoadCheck[] {
  const [, path = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  try {
    const steps = path.split('.').filter((step) => step !== '');
    return [
      {
        type: 'json',
        path: steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
        value: JSON.parse(value) as JsonValue,
      },
    ];
  } catch {
    mistakes.add(
      `--expect-json "${text}" cannot be read`,
      'write it as path=value, the value in JSON: user.name="Ada", items.0.id=7, .=[]',
    );
    return [];
  }
}

function checksOf(flags: LoadFlags, mistakes: Mistakes): LoadCheck[] {
  return [
    { type: 'status', ranges: parseStatuses(flags.expectStatus ?? '2xx', mistakes) },
    ...flags.expectHeader.flatMap((line) => headerCheck(line, mistakes)),
    ...flags.expectBody.map(
      (text): LoadCheck => ({ type: 'body', match: parseMatch('--expect-body', text, 'contains', mistakes) }),
    ),
    ...flags.expectJson.flatMap((text) => jsonCheck(text, mistakes)),
    ...(flags.expectLength === undefined ? [] : [{ type: 'length' as const, bytes: flags.expectLength }]),
  ];
}

function dataOf(flags: LoadFlags, cwd: string, mistakes: Mistakes): LoadData | null {
  if (flags.data === undefined) return null;
  const bytes = mistakes.read('--data', flags.data, cwd);
  if (bytes === undefined) return null;
  const table = parseTable(bytes.toString('utf8'));
  if (table.ok) return table.value;
  mistakes.add(
    `--data: ${flags.data} is no table: ${table.error}`,
    'CSV with a head, or one JSON object a line',
  );
  return null;
}

/** A template that names what is not there would send nonsense. */
function checkTemplates(
  requests: readonly LoadRequest[],
  flags: LoadFlags,
  data: LoadData | null,
  mistakes: Mistakes,
): void {
  const texts = requests.flatMap(({ path, headers, body }) => [
    path,
    ...headers.map(([, value]) => value),
    ...(body?.encoding === 'utf8' ? [body.content] : []),
  ]);
  const known = [COUNTER, ...(data?.columns ?? [])];
  // What the columns are is not known when their file could not be read.
  if (flags.data !== undefined && data === null) return;
  for (const name of new Set(texts.flatMap(templateNames))) {
    if (known.includes(name)) continue;
    const near = suggest(name, known);
    const where =
      data === null ? 'there is no --data' : `the columns of ${flags.data} are ${data.columns.join(', ')}`;
    mistakes.add(
      `{{${name}}} names no column`,
      near === undefined ? where : `did you mean {{${near}}}? ${where}`,
    );
  }
}

function tlsOf(flags: LoadFlags, url: URL, cwd: string, mistakes: Mistakes): LoadTls {
  const { insecure, ca, cert, key, serverName } = flags;
  const given = {
    '--insecure': insecure || undefined,
    '--ca': ca,
    '--cert': cert,
    '--key': key,
    '--server-name': serverName,
  };
  const names = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (names.length > 0 && url.protocol === 'http:')
    mistakes.add(
      `${names.join(' and ')} says nothing to a URL that begins with http:`,
      'write the URL with https:',
    );
  mistakes.exclude('either the certificate is verified, or it is not', {
    '--insecure': insecure,
    '--ca': ca,
  });
  if ((cert === undefined) !== (key === undefined))
    mistakes.add(
      cert === undefined ? '--key needs its --cert' : '--cert needs its --key',
      'a client certificate is given by both',
    );
  const pem = (option: string, path: string | undefined): string | null =>
    path === undefined ? null : (mistakes.read(option, path, cwd)?.toString('utf8') ?? null);
  return {
    verify: !insecure,
    ca: pem('--ca', ca),
    cert: pem('--cert', cert),
    key: pem('--key', key),
    serverName: serverName ?? null,
  };
}

function thresholdsOf(option: string, texts: readonly string[], mistakes: Mistakes): Threshold[] {
  return texts.flatMap((text) => {
    const parsed = parseThreshold(text);
    if (parsed.ok) return [parsed.value];
    const { message, hint, offset, length } = parsed.error;
    mistakes.all.push({
      message,
      ...(hint === undefined ? {} : { hint }),
      location: { file: option, line: 1, column: offset + 1, length, text },
    });
    return [];
  });
}

function checkConnection(flags: LoadFlags, mistakes: Mistakes): void {
  mistakes.exclude('a run ends after a time, or after a number of requests', {
    '--duration': flags.duration,
    '--requests': flags.requests,
    '--stages': flags.stages,
  });
  mistakes.exclude('a unix socket has no address', {
    '--unix': flags.unix,
    '--connect-to': flags.connectTo,
    '--source': flags.source,
  });
  mistakes.exclude('HTTP/2 has streams instead', {
    '--pipelining': flags.pipelining,
    '--http2': flags.http2,
  });
  mistakes.exclude('what is under way on a connection needs it to be kept', {
    '--no-keep-alive': !flags.keepAlive,
    '--pipelining': flags.pipelining,
    '--http2': flags.http2,
  });
  if (flags.streams !== undefined && !flags.http2)
    mistakes.add('--streams needs --http2', 'for HTTP/1.1 there is --pipelining');
  for (const [option, address] of [
    ['--connect-to', flags.connectTo],
    ['--source', flags.source],
  ] as const)
    if (address !== undefined && isIP(address) === 0)
      mistakes.add(`${option}: "${address}" is no address`, 'write it as 127.0.0.1 or ::1');
}

/**
 * @param text the URL
 * @returns the plan, with every default filled in; or everything that is wrong
 */
export function planLoad(text: string, flags: LoadFlags, cwd: string): Result<LoadPlan, Diagnostic[]> {
  const mistakes = new Mistakes();
  const url = parseUrl(text, mistakes);
  const model = modelOf(flags, mistakes) ?? { type: 'closed', connections: CONNECTIONS, stages: [] };
  checkConnection(flags, mistakes);
  const thresholds = thresholdsOf('--threshold', flags.threshold, mistakes);
  const abortOn = thresholdsOf('--abort-on', flags.abortOn, mistakes);
  if (url === undefined) return err(mistakes.all);
  const limit = limitOf(flags, model);
  const data = dataOf(flags, cwd, mistakes);
  const requests = requestsOf(flags, url, cwd, mistakes);
  checkTemplates(requests, flags, data, mistakes);
  const tls = tlsOf(flags, url, cwd, mistakes);
  const workers = workersOf(flags, model, limit, mistakes);
  const [first, ...others] = requests;
  if (mistakes.all.length > 0 || first === undefined) return err(mistakes.all);
  return ok({
    target: {
      url: flags.request.length > 0 ? url.origin : `${url.origin}${pathOf(url)}`,
      address: flags.connectTo ?? null,
      unixSocket: flags.unix === undefined ? null : resolve(cwd, flags.unix),
      localAddress: flags.source ?? null,
    },
    protocol: flags.http2 ? 'http2' : 'http1',
    model,
    limit,
    warmup: flags.warmup ?? ms(0),
    workers,
    timeouts: {
      connect: flags.connectTimeout ?? CONNECT_TIMEOUT,
      response: flags.timeout ?? RESPONSE_TIMEOUT,
    },
    keepAlive: flags.keepAlive,
    pipelining: flags.streams ?? flags.pipelining ?? 1,
    requests: [first, ...others],
    data,
    tls,
    checkEvery: flags.checkEvery ?? 1,
    thresholds,
    abortOn,
    seed: flags.seed ?? Math.floor(Math.random() * 2 ** 32),
  });
}
