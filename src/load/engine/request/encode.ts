/** Encodes requests. */
import { encodeHead, type Field } from '../http2/hpack.ts';
import type { FilledRequest } from './template.ts';

/** Methods whose requests have a length even without a body. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/** A request in HTTP/1.1. */
export interface Http1Wire {
  readonly bytes: Buffer;
  /** Whether it announces that it is the last on its connection. */
  readonly isLast: boolean;
}

/** Whether a `Connection` header says `close`, alone or in a list (RFC 9112, section 9.6). */
const saysClose = (value: string): boolean =>
  value.split(',').some((option) => option.trim().toLowerCase() === 'close');

/** A body as one chunk: a request may have no other coding than `Transfer-Encoding: chunked`. */
function asChunks(body: Buffer | null): Buffer {
  if (body === null || body.length === 0) return Buffer.from('0\r\n\r\n');
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]);
}

/** The headers as they are sent, and which of those that matter here are among them. */
interface WrittenHeaders {
  readonly text: string;
  readonly has: ReadonlySet<string>;
  readonly isLast: boolean;
}

const MATTERING = ['host', 'connection', 'content-length', 'transfer-encoding'];
const MATTERING_LENGTHS = new Set(MATTERING.map((name) => name.length));
const NONE: ReadonlySet<string> = new Set();

/** In one pass: with values of users in them, this is done for each request. */
function writeHeaders(headers: FilledRequest['headers']): WrittenHeaders {
  let text = '';
  let has: Set<string> | undefined;
  let isLast = false;
  for (const [name, value] of headers) {
    text += `${name}: ${value}\r\n`;
    if (!MATTERING_LENGTHS.has(name.length)) continue;
    const lower = name.toLowerCase();
    if (!MATTERING.includes(lower)) continue;
    has ??= new Set();
    has.add(lower);
    if (lower === 'connection') isLast ||= saysClose(value);
  }
  return { text, has: has ?? NONE, isLast };
}

/** @param head in Latin-1 */
function joinBytes(head: string, content: Buffer | null): Buffer {
  if (content === null) return Buffer.from(head, 'latin1');
  const bytes = Buffer.allocUnsafe(head.length + content.length);
  bytes.write(head, 0, 'latin1');
  content.copy(bytes, head.length);
  return bytes;
}

/** @param url of the target, for the Host header
 *  @param keepAlive whether the connection is reused */
export function encodeHttp1(url: URL, keepAlive: boolean): (request: FilledRequest) => Http1Wire {
  const host = `Host: ${url.host}\r\n`;
  return ({ method, path, headers, body }) => {
    const { text, has, isLast } = writeHeaders(headers);
    let head = `${method} ${path} HTTP/1.1\r\n${has.has('host') ? '' : host}${text}`;
    const isChunked = has.has('transfer-encoding');
    if ((body !== null || WITH_BODY.has(method)) && !has.has('content-length') && !isChunked)
      head += `Content-Length: ${body?.length ?? 0}\r\n`;
    if (!keepAlive && !has.has('connection')) head += 'Connection: close\r\n';
    return {
      bytes: joinBytes(`${head}\r\n`, isChunked ? asChunks(body) : body),
      isLast: !keepAlive || isLast,
    };
  };
}

/** A request in HTTP/2. */
export interface Http2Wire {
  readonly fields: readonly Field[];
  /** The encoded fields. */
  readonly block: Buffer;
  readonly body: Buffer | null;
}

/** Connection-specific headers of HTTP/1.1, which HTTP/2 forbids (RFC 9113, section 8.2.2). */
const OF_CONNECTIONS = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

const isOfConnection = ([name, value]: Field): boolean =>
  OF_CONNECTIONS.has(name) || (name === 'te' && value.toLowerCase() !== 'trailers');

/** @param url of the target, for scheme and authority */
export function encodeHttp2(url: URL): (request: FilledRequest) => Http2Wire {
  return ({ method, path, headers, body }) => {
    const named = headers.map(([name, value]): Field => [name.toLowerCase(), value.trim()]);
    const find = (wanted: string): string | undefined => named.find(([name]) => name === wanted)?.[1];
    const fields: Field[] = [
      [':method', method],
      [':path', path],
      [':scheme', url.protocol.slice(0, -1)],
      [':authority', find('host') ?? url.host],
    ];
    if (body !== null && find('content-length') === undefined)
      fields.push(['content-length', String(body.length)]);
    fields.push(...named.filter((field) => !isOfConnection(field)));
    return { fields, block: encodeHead(fields), body };
  };
}
