/**
 * One call of `grpc.health.v1.Health/Check`, over HTTP/2. Only what that takes: headers are sent without compression,
 * and those of the answer are not read, since all that matters is in its body.
 */
import { addAbortSignal } from 'node:stream';
import type { ProbeTls } from '../../core/suite.ts';
import { describeTlsError, loadTls, openConnection } from './request.ts';

/** What came of it: the status that the service reports, or why there is none. */
export type Health = { readonly status: number } | { readonly why: string };

export const SERVING = 1;
const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

export const statusName = (status: number): string => STATUSES[status] ?? String(status);

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const [DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY] = [0, 1, 3, 4, 6, 7];
const [END_STREAM, ACK, END_HEADERS, PADDED] = [1, 1, 4, 8];
const HEAD = 9;
/** In bytes: what a server may send in one frame, unless told otherwise. */
const LONGEST_FRAME = 16_384;

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A text, or a message in another one, after its length: in both encodings one byte, if it is short. */
const sized = (text: string): Buffer =>
  Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]);

function request(service: string, isSecure: boolean): Buffer {
  const headers = Buffer.concat([
    // `:method: POST` and `:scheme: http` or `https`, then names of HPACK's static table with values of our own.
    ...[Buffer.from([0x83, isSecure ? 0x87 : 0x86, 0x04]), sized('/grpc.health.v1.Health/Check')],
    ...[Buffer.from([0x01]), sized('localhost')],
    ...[Buffer.from([0x0f, 0x10]), sized('application/grpc')],
    ...[Buffer.from([0x0f, 0x2b]), sized('shakedown')],
    ...[Buffer.from([0x00]), sized('te'), sized('trailers')],
  ]);
  const name = service === '' ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a]), sized(service)]);
  const prefix = Buffer.from([0, 0, 0, 0, name.length]);
  return Buffer.concat([
    PREFACE,
    frame(SETTINGS, 0, 0, Buffer.alloc(0)),
    frame(HEADERS, END_HEADERS, 1, headers),
    frame(DATA, END_STREAM, 1, Buffer.concat([prefix, name])),
  ]);
}

/** Reads the frames of a server, as far as they tell its answer. */
export class HealthReader {
  #rest: Buffer = Buffer.alloc(0);
  #body: Buffer = Buffer.alloc(0);
  readonly #reply: (frame: Buffer) => void;
  readonly #isSecure: boolean;

  /** @param reply sends a frame that the protocol demands */
  constructor(reply: (frame: Buffer) => void, isSecure = false) {
    this.#reply = reply;
    this.#isSecure = isSecure;
  }

  /** @returns the answer, as soon as it is known */
  push(chunk: Buffer): Health | undefined {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (this.#rest.subarray(0, 5).toString('latin1') === 'HTTP/')
      return { why: 'speaks HTTP/1.1, and not gRPC' };
    while (this.#rest.length >= HEAD) {
      const length = this.#rest.readUIntBE(0, 3);
      if (length > LONGEST_FRAME)
        return { why: `does not speak gRPC${this.#isSecure ? '' : ' without TLS (tls: true asks by TLS)'}` };
      if (this.#rest.length < HEAD + length) return undefined;
      const payload = this.#rest.subarray(HEAD, HEAD + length);
      const [type = 0, flags = 0] = [this.#rest[3], this.#rest[4]];
      this.#rest = this.#rest.subarray(HEAD + length);
      const known = this.#take(type, flags, payload);
      if (known !== undefined) return known;
    }
    return undefined;
  }

  #take(type: number, flags: number, payload: Buffer): Health | undefined {
    if (type === SETTINGS && (flags & ACK) === 0) this.#reply(frame(SETTINGS, ACK, 0, Buffer.alloc(0)));
    if (type === PING && (flags & ACK) === 0) this.#reply(frame(PING, ACK, 0, payload));
    if (type === RST_STREAM || type === GOAWAY) return { why: 'refused the call' };
    if (type === DATA) {
      const padding = flags & PADDED ? (payload[0] ?? 0) : 0;
      const data = payload.subarray(flags & PADDED ? 1 : 0, payload.length - padding);
      this.#body = Buffer.concat([this.#body, data]);
      if (this.#body.length > LONGEST_FRAME) return { why: 'answered with more than a health status' };
    }
    const status = statusIn(this.#body);
    if (status !== undefined) return { status };
    const isEnd = (type === DATA || type === HEADERS) && (flags & END_STREAM) !== 0;
    return isEnd ? { why: 'answered without a health status' } : undefined;
  }
}

/** The first field of a whole message; 0, as everywhere in this encoding, if it is not there. */
function statusIn(body: Buffer): number | undefined {
  if (body.length < 5 || body.length < 5 + body.readUInt32BE(1)) return undefined;
  return body[5] === 0x08 ? (body[6] ?? 0) : 0;
}

/** @param service its name in the health service, of 100 bytes at most; empty: the whole server */
export async function askHealth(
  to: { readonly host: string; readonly port: number },
  { service, tls }: { readonly service: string; readonly tls?: ProbeTls },
  signal: AbortSignal,
  onAsked: () => void,
): Promise<Health> {
  const probe = tls === undefined ? {} : { tls };
  const module = await loadTls(probe);
  return new Promise((resolve) => {
    const begin = (): void => {
      socket.write(request(service, tls !== undefined));
      onAsked();
    };
    const socket = addAbortSignal(signal, openConnection(probe, to, module, begin, 'h2'));
    const reader = new HealthReader((reply) => void socket.write(reply), tls !== undefined);
    const finish = (health: Health): void => {
      socket.destroy();
      resolve(health);
    };
    socket.on('data', (chunk) => {
      const health = reader.push(chunk);
      if (health !== undefined) finish(health);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const { code = '' } = error;
      const why = code === 'ECONNREFUSED' ? 'refused the connection' : `gave an error (${code})`;
      finish({ why: signal.aborted ? 'did not answer' : (describeTlsError(error) ?? why) });
    });
    socket.on('close', () => finish({ why: 'closed the connection without an answer' }));
  });
}
