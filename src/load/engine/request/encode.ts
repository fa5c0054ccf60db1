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

/** Whether there is a `Connection: close`, alone or in a list (RFC 9112, section 9.6). */
const saysClose = (headers: FilledRequest['headers']): boolean =>
  headers.some(
    ([name, value]) =>
      name.toLowerCase() === 'connection' &&
      value.split(',').some((option) => option.trim().toLowerCase() === 'close'),
  );

/** A body as one chunk: a request may have no other coding than `Transfer-Encoding: chunked`. */
function asChunks(body: Buffer | null): Buffer {
  if (body === null || body.length === 0) return Buffer.from('0\r\n\r\n');
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]);
}

/** @param url of the target, for the Host header
 *  @param keepAlive whether the connection is reused */
export function encodeHttp1(url: URL, keepAlive: boolean): (request: FilledRequest) => Http1Wire {
  return ({ method, path, headers, body }) => {
    const has = (wanted: string): boolean => headers.some(([name]) => name.toLowerCase() === wanted);
    const lines = [`${method} ${path} HTTP/1.1`];
    if (!has('host')) lines.push(`Host: ${url.host}`);
    for (const [name, value] of headers) lines.push(`${name}: ${value}`);
    if ((body !== null || WITH_BODY.has(method)) && !has('content-length') && !has('transfer-encoding'))
      lines.push(`Content-Length: ${body?.length ?? 0}`);
    if (!keepAlive && !has('connection')) lines.push('Connection: close');
    const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    const content = has('transfer-encoding') ? asChunks(body) : body;
    return {
      bytes: content === null ? head : Buffer.concat([head, content]),
      isLast: !keepAlive || saysClose(headers),
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
