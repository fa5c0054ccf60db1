/** One connection of HTTP/2: several requests at a time, each a stream of node:http2. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { LoadFailureKind } from '../../domain/load.ts';
import type { Connection, OnFree } from '../connection.ts';
import type { Pending, Recorder } from '../measure/recorder.ts';
import type { Http2Wire } from '../request/encode.ts';
import type { Prepared, RequestSource } from '../request/source.ts';
import type { ResponseView, Slice } from '../response.ts';
import { backoff, failureOf } from '../socket.ts';

/** What all connections of a thread share. */
export interface Http2Context {
  readonly url: URL;
  readonly source: RequestSource<Http2Wire>;
  readonly recorder: Recorder;
  readonly connect: () => Socket;
  /** Streams at a time. */
  readonly pipelining: number;
  /** In milliseconds. */
  readonly timeouts: { readonly connect: number; readonly response: number };
  readonly onFree: OnFree;
}

const showHeaders = (headers: IncomingHttpHeaders): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');

class Exchange implements Pending, ResponseView {
  readonly index: number;
  readonly due: number;
  readonly isChecked: boolean;
  sent = Number.NaN;
  status = 0;
  bodyLength = 0;
  stream: ClientHttp2Stream | undefined;
  readonly prepared: Prepared<Http2Wire>;
  #headers: IncomingHttpHeaders = {};
  readonly #parts: Buffer[] = [];
  #kept = 0;

  constructor(prepared: Prepared<Http2Wire>, due: number, isChecked: boolean) {
    this.prepared = prepared;
    this.index = prepared.index;
    this.due = due;
    this.isChecked = isChecked;
  }

  get wire(): string {
    const { headers, body } = this.prepared.wire;
    return `${showHeaders(headers as IncomingHttpHeaders)}\n\n${body ?? ''}`;
  }

  get headText(): string {
    return showHeaders(this.#headers);
  }

  get body(): Slice {
    const buffer = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
    return { buffer, start: 0, end: Math.min(buffer.length, this.#kept) };
  }

  header(name: string): string | undefined {
    const value = this.#headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  begin(headers: IncomingHttpHeaders): void {
    this.#headers = headers;
    this.status = Number(headers[':status']);
  }

  take(part: Buffer, keep: number): void {
    this.bodyLength += part.length;
    if (this.#kept >= keep) return;
    this.#parts.push(part);
    this.#kept = Math.min(keep, this.#kept + part.length);
  }
}

export class Http2Connection implements Connection {
  readonly capacity: number;
  notBefore = 0;
  isConnecting = false;
  readonly #context: Http2Context;
  /** In the order in which they were sent. */
  readonly #exchanges = new Set<Exchange>();
  #session: ClientHttp2Session | undefined;
  #connectingSince = 0;
  #failuresInRow = 0;

  constructor(context: Http2Context) {
    this.#context = context;
    this.capacity = context.pipelining;
  }

  get inFlight(): number {
    return this.#exchanges.size;
  }

  send(due: number): void {
    const { source, recorder } = this.#context;
    const exchange = new Exchange(source.next(), due, recorder.nextIsChecked());
    this.#exchanges.add(exchange);
    if (this.#session === undefined) this.#open();
    else if (!this.isConnecting) this.#write(this.#session, exchange);
  }

  expire(now: number): void {
    const [oldest] = this.#exchanges;
    if (oldest === undefined) return;
    const { connect: toConnect, response } = this.#context.timeouts;
    if (this.isConnecting) {
      if (now - this.#connectingSince > toConnect)
        this.#timeOut(`was not connected within ${toConnect} ms`, now);
    } else if (now - oldest.sent > response) this.#timeOut(`had no answer within ${response} ms`, now);
  }

  finish(now: number): void {
    for (const exchange of this.#exchanges) this.#context.recorder.inFlightAtEnd(exchange, now);
    this.#exchanges.clear();
    this.#drop();
  }

  #open(): void {
    this.#connectingSince = performance.now();
    this.isConnecting = true;
    const session = connect(this.#context.url, { createConnection: this.#context.connect });
    this.#session = session;
    const isCurrent = (): boolean => this.#session === session;
    session.once('connect', (_, socket) => {
      this.#context.recorder.connected(performance.now());
      if (!isCurrent()) return;
      const chosen = 'alpnProtocol' in socket ? socket.alpnProtocol : 'h2';
      if (chosen !== 'h2') {
        this.#lose('protocol', 'was not sent: the server does not speak HTTP/2');
        return;
      }
      this.isConnecting = false;
      for (const exchange of [...this.#exchanges]) this.#write(session, exchange);
    });
    session.on('error', (error: NodeJS.ErrnoException) => {
      if (!isCurrent()) return;
      const isHttp2 = error.code?.startsWith('ERR_HTTP2') === true;
      const { kind, message } = failureOf(error, !this.isConnecting);
      if (isHttp2) this.#lose('protocol', `was answered with what is no HTTP/2: ${error.message}`);
      else this.#lose(kind, message);
    });
    session.once('close', () => {
      if (isCurrent()) this.#lose('cut-off', 'was not answered: the server closed the connection');
    });
  }

  #write(session: ClientHttp2Session, exchange: Exchange): void {
    const { headers, body } = exchange.prepared.wire;
    exchange.sent = performance.now();
    this.#context.recorder.wrote(exchange.due, body?.length ?? 0);
    const stream = session.request(headers, { endStream: body === null });
    exchange.stream = stream;
    if (body !== null) stream.end(body);
    const keep = this.#context.recorder.bodyToKeep(exchange);
    stream.once('response', (received) => exchange.begin(received));
    stream.on('data', (part: Buffer) => {
      this.#context.recorder.received(exchange.due, part.length);
      exchange.take(part, keep);
    });
    stream.once('end', () => this.#answered(exchange));
    stream.on('error', (error) => this.#broken(exchange, `was cut off: ${error.message}`));
    stream.once('close', () => this.#broken(exchange, 'was cut off: the stream was closed'));
  }

  #answered(exchange: Exchange): void {
    // A stream that is reset ends as well; it has no status, or a code that says so.
    const code = exchange.stream?.rstCode ?? 0;
    if (exchange.status === 0 || code !== 0 || !this.#exchanges.delete(exchange)) return;
    const now = performance.now();
    this.#failuresInRow = 0;
    this.#context.recorder.responded(exchange, exchange, now);
    this.#context.onFree(this, now);
  }

  #broken(exchange: Exchange, message: string): void {
    if (!this.#exchanges.delete(exchange)) return;
    this.#context.recorder.failed(exchange, 'cut-off', message);
    this.#context.onFree(this, performance.now());
  }

  #lose(kind: LoadFailureKind, message: string): void {
    const { recorder } = this.#context;
    if (kind === 'connect' || kind === 'tls' || kind === 'machine') recorder.refused(kind);
    const lost = [...this.#exchanges];
    this.#exchanges.clear();
    for (const exchange of lost) recorder.failed(exchange, kind, message);
    this.#rest(lost.length > 0);
  }

  #timeOut(message: string, now: number): void {
    const lost = [...this.#exchanges];
    this.#exchanges.clear();
    for (const exchange of lost) this.#context.recorder.timedOut(exchange, message, now);
    this.#rest(true);
  }

  #rest(hasFailed: boolean): void {
    const now = performance.now();
    if (hasFailed) {
      this.notBefore = now + backoff(this.#failuresInRow);
      this.#failuresInRow += 1;
    }
    this.#drop();
    this.#context.onFree(this, now);
  }

  #drop(): void {
    const session = this.#session;
    this.#session = undefined;
    this.isConnecting = false;
    session?.destroy();
  }
}
