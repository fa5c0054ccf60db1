/** The head of an answer as editable text, and an answer that has arrived completely. */
import type { Body } from '../../http1/message.ts';
import { decode } from './codings.ts';

/** The lines of a head. Lines that are not changed stay as they were, byte for byte. */
export class Head {
  readonly #lines: string[];

  /** @param bytes with the empty line */
  constructor(bytes: Buffer) {
    this.#lines = bytes.toString('latin1', 0, bytes.length - 4).split('\r\n');
  }

  #indexOf(name: string): number {
    return this.#lines.findIndex((line, at) => at > 0 && nameOf(line) === name);
  }

  /** @param name in lower case; the first header of that name counts */
  get(name: string): string | undefined {
    const line = this.#lines[this.#indexOf(name)];
    return line?.slice(line.indexOf(':') + 1).trim();
  }

  /** Changes a header, or adds it. */
  set(name: string, value: string): void {
    const at = this.#indexOf(name);
    const line = this.#lines[at];
    if (line === undefined) this.#lines.push(`${name}: ${value}`);
    else this.#lines[at] = `${line.slice(0, line.indexOf(':'))}: ${value}`;
  }

  remove(name: string): void {
    for (let at = this.#indexOf(name); at >= 0; at = this.#indexOf(name)) this.#lines.splice(at, 1);
  }

  set status(status: number) {
    const [version = 'HTTP/1.1'] = (this.#lines[0] ?? '').split(' ', 1);
    this.#lines[0] = `${version} ${status} ${REASONS[status] ?? 'Changed by a fault'}`;
  }

  toBytes(): Buffer {
    return Buffer.from(`${this.#lines.join('\r\n')}\r\n\r\n`, 'latin1');
  }
}

const nameOf = (line: string): string => line.slice(0, Math.max(0, line.indexOf(':'))).toLowerCase();

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  409: 'Conflict',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** The media type without parameters, in lower case; null if there is none. */
export function mediaType(head: Head): string | null {
  const value = head.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return value === undefined || value === '' ? null : value;
}

/** An answer that can be changed. */
export interface Answer {
  readonly status: number;
  readonly head: Head;
  /** Decoded. */
  readonly body: Buffer;
}

/** A body's text if it is meant as JSON: one that is merely a number might be anything. */
export function jsonIn(body: Buffer, type: string | null): string | undefined {
  const text = body.toString('utf8');
  if (type?.includes('json') !== true && !/^\s*[[{]/.test(text)) return undefined;
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

/** What arrived of an answer, as it was framed. */
export interface Arrived {
  readonly status: number;
  readonly headBytes: Buffer;
  readonly framing: Body;
  readonly payload: Buffer;
  /** What came after the last byte of a chunked body: its final chunk, with the trailers. */
  readonly lastFrame: Buffer;
}

/** The trailers of a chunked body, with the empty line. */
function trailersOf(lastFrame: Buffer): Buffer {
  const text = lastFrame.toString('latin1').replace(/^\r\n/, '');
  return Buffer.from(text.slice(text.indexOf('\r\n') + 2), 'latin1');
}

/** A body as a single chunk. */
function chunked(body: Buffer, lastFrame: Buffer): Buffer[] {
  const end = [Buffer.from('0\r\n'), trailersOf(lastFrame)];
  return body.length === 0
    ? end
    : [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n'), ...end];
}

/**
 * Changes an answer, and frames the new one like the old one: by its length, in chunks with the same trailers, or by the
 * end of the connection. Its body gets the same coding.
 *
 * @param change returns the new answer, or undefined if it changes nothing
 * @returns the bytes; undefined if the answer stays as it was
 */
export function changeAnswer(
  arrived: Arrived,
  change: (answer: Answer) => Omit<Answer, 'head'> | undefined,
): Buffer | undefined {
  const head = new Head(arrived.headBytes);
  const decoded = decode(arrived.payload, head.get('content-encoding') ?? '');
  if (decoded === undefined) return undefined;
  const changed = change({ status: arrived.status, head, body: decoded.body });
  if (changed === undefined) return undefined;
  if (changed.status !== arrived.status) head.status = changed.status;
  const body = changed.body.length === 0 ? changed.body : decoded.encode(changed.body);
  if (arrived.framing === 'chunked')
    return Buffer.concat([head.toBytes(), ...chunked(body, arrived.lastFrame)]);
  if (arrived.framing !== 'until-close') head.set('content-length', String(body.length));
  return Buffer.concat([head.toBytes(), body]);
}
