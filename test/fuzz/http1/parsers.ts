/** What two parsers make of a stream: the scanner of the load engine, and llhttp as `node:http` uses it for a client. */
import { createRequire } from 'node:module';
import { KnownHeads } from '../../../src/load/engine/http1/known-heads.ts';
import { ResponseScanner, type ResponseSink } from '../../../src/load/engine/http1/scanner.ts';

export interface SeenResponse {
  readonly status: number;
  readonly body: string;
  readonly keepAlive: boolean;
}

/** All that a client can tell of a stream that comes and then ends. */
export interface Seen {
  readonly responses: readonly SeenResponse[];
  /** How it ended: between responses, in the middle of one, in what is no HTTP, or with more than was asked for. */
  readonly end: 'between' | 'within' | 'error' | 'excess';
  /** What is wrong, in the parser's words; only after an error. */
  readonly error: string;
  /** Of the scanner: the bytes that are wrong, or too many. */
  readonly evidence?: string;
  /** Of the scanner: whether the stream ends in the middle of a head. */
  readonly isInHead?: boolean;
}

const latin1 = (bytes: Buffer): string => bytes.toString('latin1');

export const cutAt = (bytes: Buffer, places: readonly number[]): Buffer[] =>
  [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));

/** Through one buffer that is used again, as a connection has it. Known heads are kept from stream to stream. */
export class Scanner {
  readonly #buffer = Buffer.alloc(1 << 20);
  readonly #known = new KnownHeads(this.#buffer);

  scan(parts: readonly Buffer[], methods: readonly string[]): Seen {
    const responses: SeenResponse[] = [];
    const sink: ResponseSink = {
      isExpecting: () => responses.length < methods.length,
      expectsHead: () => methods[responses.length] === 'HEAD',
      bodyToKeep: () => 1 << 20,
      onResponse: ({ status, body, keepAlive }) => {
        responses.push({ status, body: body.buffer.toString('latin1', body.start, body.end), keepAlive });
      },
    };
    const scanner = new ResponseScanner(sink, this.#known);
    for (const part of parts) {
      part.copy(this.#buffer);
      const isHttp = scanner.push(this.#buffer, 0, part.length);
      this.#buffer.fill('#', 0, part.length);
      if (!isHttp && scanner.error === 'bytes that no request asked for')
        return { responses, end: 'excess', error: '', evidence: latin1(scanner.evidence) };
      if (!isHttp)
        return { responses, end: 'error', error: scanner.error, evidence: latin1(scanner.evidence) };
    }
    if (scanner.excess.length > 0)
      return { responses, end: 'excess', error: '', evidence: latin1(scanner.excess) };
    const isInHead = scanner.isWithin && scanner.partial().head === undefined;
    return { responses, end: scanner.end() ? 'between' : 'within', error: '', isInHead };
  }
}

/** The parser inside of `node:http`; it is not among the declared types. */
interface HttpParser {
  initialize(type: number, resource: object): void;
  execute(bytes: Buffer): number | ParserError;
  finish(): undefined | ParserError;
  close(): void;
  [event: number]: (...args: never[]) => unknown;
}
interface ParserError extends Error {
  readonly code: string;
}
interface HttpParserClass {
  new (): HttpParser;
  readonly RESPONSE: number;
  readonly kOnMessageBegin: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
}

const { HTTPParser } = createRequire(import.meta.url)('node:_http_common') as { HTTPParser: HttpParserClass };

/** As `node:http` does for a client: an interim response has no body; and what is an upgrade ends HTTP. */
const SKIP_BODY = 1;
const UPGRADE = 2;

/** Node's parser by itself takes a response to HEAD without a length for one that lasts until the connection closes. */
function isPersistent(minor: number, headers: readonly string[]): boolean {
  const options = headers
    .filter((_, index) => headers[index - 1]?.toLowerCase() === 'connection' && index % 2 === 1)
    .flatMap((value) => value.toLowerCase().split(','))
    .map((option) => option.trim());
  return !options.includes('close') && (minor === 1 || options.includes('keep-alive'));
}

class NodeScan {
  readonly responses: SeenResponse[] = [];
  readonly #methods: readonly string[];
  #status = 0;
  #keepAlive = true;
  #body = '';
  #headers: string[] = [];
  #hasUpgraded = false;
  #hasExcess = false;

  constructor(methods: readonly string[]) {
    this.#methods = methods;
  }

  get #isHead(): boolean {
    return this.#methods[this.responses.length] === 'HEAD';
  }

  scan(bytes: Buffer): Seen {
    const parser = this.#parser();
    const result = parser.execute(bytes);
    const isAfterHead = this.#hasUpgraded && this.#isHead && this.#status >= 200;
    const failure = result instanceof Error ? result : this.#hasUpgraded ? undefined : parser.finish();
    parser.close();
    if (isAfterHead) return this.#goOn(bytes.subarray(result as number));
    if (this.#hasUpgraded) return this.#seen('error', 'another protocol');
    if (this.#hasExcess || (failure !== undefined && this.#isOver(failure))) return this.#seen('excess');
    if (failure === undefined) return this.#seen('between');
    if (failure.code === 'HPE_INVALID_EOF_STATE') return this.#seen('within');
    return this.#seen('error', failure.code);
  }

  /** A response to HEAD has no body: its head is read as that of an upgrade, and another parser goes on behind it. */
  #goOn(rest: Buffer): Seen {
    this.#hasUpgraded = false;
    this.responses.push({ status: this.#status, body: '', keepAlive: this.#keepAlive });
    if (!this.#keepAlive) return this.#seen(rest.length > 0 ? 'excess' : 'between');
    return this.scan(rest);
  }

  #isOver({ code }: ParserError): boolean {
    return code === 'HPE_CLOSED_CONNECTION' || this.responses.length >= this.#methods.length;
  }

  #seen(end: Seen['end'], error = ''): Seen {
    return { responses: this.responses, end, error };
  }

  #parser(): HttpParser {
    const parser = new HTTPParser();
    parser.initialize(HTTPParser.RESPONSE, {});
    parser[HTTPParser.kOnMessageBegin] = () => {
      if (this.responses.length >= this.#methods.length) this.#hasExcess = true;
      this.#headers = [];
    };
    // Headers come here where trailers came before them, and trailers do.
    parser[HTTPParser.kOnHeaders] = (headers: string[]) => {
      this.#headers.push(...headers);
    };
    parser[HTTPParser.kOnHeadersComplete] = (...args: unknown[]) => this.#onHead(args);
    parser[HTTPParser.kOnBody] = (part: Buffer) => {
      this.#body += part.toString('latin1');
    };
    parser[HTTPParser.kOnMessageComplete] = () => {
      const { responses } = this;
      if (this.#status < 200 || this.#hasExcess || this.#hasUpgraded) return;
      responses.push({ status: this.#status, body: this.#body, keepAlive: this.#keepAlive });
    };
    return parser;
  }

  #onHead([, minor, headers, , , status, , , keepAlive]: unknown[]): number {
    this.#status = status as number;
    this.#body = '';
    const isHead = this.#isHead && this.#status >= 200;
    const all = (headers as string[] | undefined) ?? this.#headers;
    this.#keepAlive = isHead ? isPersistent(minor as number, all) : (keepAlive as boolean);
    this.#hasUpgraded = isHead || status === 101;
    if (this.#hasUpgraded) return UPGRADE;
    return this.#status < 200 ? SKIP_BODY : 0;
  }
}

export const scanByNode = (bytes: Buffer, methods: readonly string[]): Seen =>
  new NodeScan(methods).scan(bytes);
