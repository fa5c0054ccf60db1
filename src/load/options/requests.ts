/** The requests to send, their bodies, and the values filled in. */
import { isUtf8 } from 'node:buffer';
import type { LoadBody, LoadCheck, LoadData, LoadRequest } from '../../core/load.ts';
import { suggest } from '../../core/suggest.ts';
import { COUNTER, templateNames } from '../../core/template.ts';
import { parseTable } from '../../files/table.ts';
import { toChecks } from './checks.ts';
import { authorization, checkFraming, checkValues, type Headers, hasHeader, toHeaders } from './headers.ts';
import type { Mistakes, Path } from './mistakes.ts';
import type { LoadBodyOptions, LoadOptions, LoadRequestOptions } from './options.ts';
import { checkShape, type RequestShape, toShape } from './request-shape.ts';
import { LOAD_DEFAULTS } from './words.ts';

/** Escapes what a request line cannot contain, such as spaces, umlauts and `#`, but no placeholders. */
const escapePath = (path: string): string =>
  path.replace(/\{\{[^{}]*\}\}|[^\x21\x22\x24-\x7e]+/gu, (part) =>
    part.startsWith('{{') ? part : escaped(part),
  );

const escaped = (part: string): string => encodeURIComponent(Buffer.from(part).toString());
/** The same where there are no placeholders, and whatever is between braces is a part of the path. */
const escapeAll = (path: string): string => path.replace(/[^\x21\x22\x24-\x7e]+/gu, escaped);

export function toBody(
  { body, bodyAt }: Pick<RequestShape, 'body' | 'bodyAt'>,
  mistakes: Mistakes,
): LoadBody | null {
  if (body === undefined) return null;
  if (typeof body === 'string') return { encoding: 'utf8', content: body };
  if ('json' in body) return { encoding: 'utf8', content: JSON.stringify(body.json), isJson: true };
  const bytes = mistakes.read(bodyAt, body.file) ?? Buffer.alloc(0);
  return isUtf8(bytes)
    ? { encoding: 'utf8', content: bytes.toString('utf8') }
    : { encoding: 'base64', content: bytes.toString('base64') };
}

/** Whether the body was given as JSON. */
const isJson = (body: LoadBodyOptions | undefined): boolean => typeof body === 'object' && 'json' in body;

/** Headers of `second` replace those of the same name. */
const merge = (first: Headers, second: Headers): Headers => [
  ...first.filter(([name]) => !hasHeader(second, name.toLowerCase())),
  ...second,
];

/** CONNECT names another server instead of a path, and what follows its response is not HTTP. */
function checkMethod(method: string, at: Path, mistakes: Mistakes): void {
  if (method === 'CONNECT')
    mistakes.about(
      [...at, 'method'],
      'CONNECT asks a proxy for a tunnel, and is no request that could be answered again and again',
      'send the load to the server behind the proxy',
    );
}

/** What all requests of a load have. */
export interface Common {
  readonly headers: Headers;
  readonly checks: readonly LoadCheck[];
}

/**
 * @param at path of the request in the options of the load
 * @param isTemplate whether there may be placeholders in it
 * @returns the request; after a reported mistake it must not be used
 */
export function toRequest(
  request: LoadRequestOptions,
  at: Path,
  common: Common,
  mistakes: Mistakes,
  isTemplate = true,
): LoadRequest {
  const shape = toShape(request, at);
  const { name, method, path } = shape;
  checkMethod(method, at, mistakes);
  const headers = merge(common.headers, toHeaders(request.headers ?? {}, at, mistakes));
  const body = toBody(shape, mistakes);
  checkFraming({ headers, body }, request.headers === undefined ? [] : at, mistakes);
  return {
    name,
    weight: request.weight ?? LOAD_DEFAULTS.weight,
    method,
    path: isTemplate ? escapePath(path) : escapeAll(path),
    headers:
      isJson(shape.body) && !hasHeader(headers, 'content-type')
        ? [...headers, ['Content-Type', 'application/json']]
        : headers,
    body,
    checks:
      request.expect === undefined ? common.checks : toChecks(request.expect, [...at, 'expect'], mistakes),
  };
}

/** Headers, authorization and checks that the options give for all requests. */
export function toCommon(options: LoadOptions, mistakes: Mistakes): Common {
  const own = toHeaders(options.headers ?? {}, [], mistakes);
  return {
    headers: [...own, ...authorization(options, own, mistakes)],
    checks: toChecks(options.expect ?? {}, ['expect'], mistakes),
  };
}

/** A request as it was written, and where. */
export interface Written {
  readonly request: LoadRequestOptions;
  readonly at: Path;
}

/** The requests of a load without steps. */
const writtenRequests = (options: LoadOptions): Written[] =>
  options.mix?.map((request, index) => ({ request, at: ['mix', index] })) ?? [
    { request: theOnly(options), at: [] },
  ];

export function toRequests(options: LoadOptions, mistakes: Mistakes): LoadRequest[] {
  const { mix } = options;
  const common = toCommon(options, mistakes);
  mistakes.exclude('each request of a mix has a path, a method and a body of its own', [
    [['mix'], mix !== undefined],
    [['path'], mix !== undefined && options.path !== undefined],
    [['method'], mix !== undefined && options.method !== undefined],
    [['body'], mix !== undefined && options.body !== undefined],
  ]);
  return writtenRequests(options).map(({ request, at }) => {
    if (mix !== undefined) checkShape(request, at, mistakes);
    return toRequest(request, at, common, mistakes);
  });
}

/** The request of a load without a mix. */
const theOnly = ({ path, method, body }: LoadOptions): LoadRequestOptions => ({
  path: path ?? LOAD_DEFAULTS.path,
  ...(method === undefined ? {} : { method }),
  ...(body === undefined ? {} : { body }),
});

export function toData({ data }: LoadOptions, mistakes: Mistakes): LoadData | null {
  if (data === undefined) return null;
  const bytes = mistakes.read(['data'], data);
  if (bytes === undefined) return null;
  const table = parseTable(bytes.toString('utf8'));
  if (table.ok) return table.value;
  mistakes.about(
    ['data'],
    `${data} is not a table: ${table.error}`,
    'CSV with a head, or one JSON object a line',
  );
  return null;
}

/** Texts that may contain placeholders, each with its option. */
export type Texts = (request: LoadRequest, written: Written) => [Path, string][];

/** Those that are sent. */
export function textsOf({ path, headers, body }: LoadRequest, { request, at }: Written): [Path, string][] {
  const own = Object.keys(request.headers ?? {});
  const { pathAt, bodyAt } = toShape(request, at);
  return [
    [pathAt, path],
    ...headers.map(([name, value]): [Path, string] => [
      [...(own.includes(name) ? at : []), 'headers', name],
      value,
    ]),
    ...(body?.encoding === 'utf8' ? [[bodyAt, body.content] as [Path, string]] : []),
  ];
}

/** The names that a request can have filled in, and why there are no others. */
export interface Known {
  readonly names: readonly string[];
  readonly where: string;
  /** What is wrong with a name that is not known, if that is clear. */
  readonly explain?: (name: string) => string | undefined;
}

/** The names of the data, and where they are from. */
export function columnsKnown({ data: file }: LoadOptions, data: LoadData | null, mistakes: Mistakes): Known {
  return data === null
    ? { names: [], where: `there is no ${mistakes.nameOf('data')}` }
    : { names: data.columns, where: `the columns of ${file} are ${data.columns.join(', ')}` };
}

/** Rejects placeholders without a value, in a load without steps. */
export function checkTemplates(
  requests: readonly LoadRequest[],
  options: LoadOptions,
  data: LoadData | null,
  mistakes: Mistakes,
): void {
  // The columns are unknown if their file could not be read.
  if (options.data !== undefined && data === null) return;
  if (data !== null) checkValues(requests, data, options.data ?? '', mistakes);
  const columns = columnsKnown(options, data, mistakes);
  const known = { ...columns, names: [COUNTER, ...columns.names] };
  checkNames(requests, writtenRequests(options), () => known, mistakes);
}

/**
 * Rejects placeholders without a value, which would send nonsense.
 *
 * @param knownTo what each of the requests can have filled in
 * @param texts in which they may be
 */
export function checkNames(
  requests: readonly LoadRequest[],
  written: readonly Written[],
  knownTo: (index: number) => Known,
  mistakes: Mistakes,
  texts: Texts = textsOf,
): void {
  const told = new Set<string>();
  for (const [index, request] of requests.entries())
    for (const [path, text] of texts(request, written[index] as Written))
      for (const name of templateNames(text)) {
        const { names, where, explain } = knownTo(index);
        const key = [...path, name].join('\0');
        if (names.includes(name) || told.has(key)) continue;
        told.add(key);
        const near = suggest(name, names);
        mistakes.add(
          path,
          `{{${name}}} ${explain?.(name) ?? 'names no column'}`,
          near === undefined ? where : `did you mean {{${near}}}? ${where}`,
        );
      }
}
