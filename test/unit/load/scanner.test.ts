/** The scanner against the parser of node:http, and against what no server may send. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KnownHead } from '../../../src/load/http1/known-head.ts';
import { ResponseScanner, type ResponseSink } from '../../../src/load/http1/scanner.ts';

interface Seen {
  readonly status: number;
  readonly body: string;
  readonly length: number;
  readonly keepAlive: boolean;
  readonly server: string | undefined;
}

interface Scan {
  readonly responses: readonly Seen[];
  readonly error: string | undefined;
  readonly evidence: string;
  /** Whether the connection could end where the bytes do. */
  readonly mayEnd: boolean;
}

/** Pushes parts through one buffer that is used again, as the connection does. */
function scan(parts: readonly Buffer[], methods: readonly string[], keep = 1 << 20): Scan {
  const responses: Seen[] = [];
  const buffer = Buffer.alloc(1 + Math.max(0, ...parts.map(({ length }) => length)));
  const sink: ResponseSink = {
    isExpecting: () => responses.length < methods.length,
    expectsHead: () => methods[responses.length] === 'HEAD',
    bodyToKeep: () => keep,
    onResponse: (response) => {
      const { status, body, bodyLength, keepAlive } = response;
      responses.push({
        status,
        body: body.buffer.toString('latin1', body.start, body.end),
        length: bodyLength,
        keepAlive,
        server: response.header('x-test'),
      });
    },
  };
  const scanner = new ResponseScanner(sink, new KnownHead(buffer));
  for (const part of parts) {
    buffer.fill('#');
    part.copy(buffer);
    if (!scanner.push(buffer, 0, part.length))
      return {
        responses,
        error: scanner.error,
        evidence: scanner.evidence.toString('latin1'),
        mayEnd: false,
      };
  }
  return { responses, error: undefined, evidence: '', mayEnd: scanner.end() };
}

const scanText = (text: string, methods: readonly string[] = ['GET']): Scan =>
  scan([Buffer.from(text, 'latin1')], methods);

/** Cuts at the given places, modulo the length. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
}

const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
const text = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
/** Names that decide about framing are not drawn by chance. */
const header = fc
  .tuple(token, text)
  .filter(
    ([name]) => !['content-length', 'transfer-encoding', 'connection', 'upgrade', 'x-test'].includes(name),
  )
  .map(([name, value]) => `${name}: ${value}\r\n`);
const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const reason = fc.constantFrom(' OK', ' ', ' Not Quite', '');
const status = fc.oneof(fc.integer({ min: 200, max: 599 }), fc.constantFrom(200, 204, 304));
const interim = fc.constantFrom(
  '',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n',
);

interface Sample {
  readonly method: string;
  readonly wire: string;
}

const chunked = fc
  .tuple(
    fc.array(
      fc.tuple(
        body.filter(({ length }) => length > 0),
        fc.constantFrom('', ';a=b', ';x'),
        fc.boolean(),
      ),
      { maxLength: 4 },
    ),
    fc.array(header, { maxLength: 2 }),
  )
  .map(([chunks, trailers]) => {
    const size = (length: number, upper: boolean): string =>
      upper ? length.toString(16).toUpperCase() : `0${length.toString(16)}`;
    const data = chunks.map(
      ([part, extension, upper]) => `${size(part.length, upper)}${extension}\r\n${part}\r\n`,
    );
    return `${data.join('')}0\r\n${trailers.join('')}\r\n`;
  });

const sample: fc.Arbitrary<Sample> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD'),
    interim,
    status,
    reason,
    headers: fc.array(header, { maxLength: 5 }),
    framing: fc.oneof(
      body.map((content) => ({ header: `Content-Length: ${content.length}\r\n`, content })),
      chunked.map((content) => ({ header: 'Transfer-Encoding: chunked\r\n', content })),
    ),
    where: fc.boolean(),
  })
  .map((it) => {
    const isBodiless = it.method === 'HEAD' || it.status === 204 || it.status === 304;
    const lines = it.where ? [it.framing.header, ...it.headers] : [...it.headers, it.framing.header];
    const head = `HTTP/1.1 ${it.status}${it.reason}\r\n${lines.join('')}X-Test: yes \r\n\r\n`;
    return { method: it.method, wire: `${it.interim}${head}${isBodiless ? '' : it.framing.content}` };
  });

/** What node:http makes of the same bytes: a server plays them back, one response a request. */
describe('any valid stream of responses', () => {
  let wire: Buffer[] = [];
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      const next = wire.shift();
      if (next !== undefined) socket.write(next);
    });
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
  });

  async function throughNode(samples: readonly Sample[]): Promise<Seen[]> {
    wire = samples.map((each) => Buffer.from(each.wire, 'latin1'));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const seen: Seen[] = [];
    for (const { method } of samples) {
      const { port } = server.address() as AddressInfo;
      const sent = request({ host: '127.0.0.1', port, method, agent });
      sent.end();
      const [response] = await once(sent, 'response');
      const parts: Buffer[] = [];
      for await (const part of response) parts.push(part);
      const content = Buffer.concat(parts).toString('latin1');
      const { statusCode, headers } = response;
      seen.push({
        status: statusCode,
        body: content,
        length: content.length,
        keepAlive: true,
        server: headers['x-test'],
      });
    }
    agent.destroy();
    return seen;
  }

  test('cut at any places, gives what node:http gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sample, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        async (samples, places) => {
          const bytes = Buffer.from(samples.map((each) => each.wire).join(''), 'latin1');
          const methods = samples.map(({ method }) => method);
          const whole = scan([bytes], methods);
          expect(whole.error).toBeUndefined();
          expect(whole.responses).toEqual(await throughNode(samples));
          expect(scan(cut(bytes, places), methods)).toEqual(whole);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('cut after every byte, gives the same', () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 3 }), (samples) => {
        const bytes = Buffer.from(samples.map((each) => each.wire).join(''), 'latin1');
        const methods = samples.map(({ method }) => method);
        expect(scan(cut(bytes, [...bytes.keys()]), methods)).toEqual(scan([bytes], methods));
      }),
      { numRuns: 50 },
    );
  });

  test('until the connection closes, cut at any places', () => {
    fc.assert(
      fc.property(body, fc.array(fc.nat(), { maxLength: 6 }), (content, places) => {
        const bytes = Buffer.from(`HTTP/1.1 200 OK\r\nX-Test: a\r\n\r\n${content}`, 'latin1');
        expect(scan(cut(bytes, places), ['GET'])).toEqual({
          responses: [{ status: 200, body: content, length: content.length, keepAlive: false, server: 'a' }],
          error: undefined,
          evidence: '',
          mayEnd: true,
        });
      }),
    );
  });

  test('cut short anywhere within a response of known length, is never taken for whole', () => {
    fc.assert(
      fc.property(sample, fc.nat(), ({ method, wire: text }, place) => {
        const bytes = Buffer.from(text, 'latin1');
        const short = bytes.subarray(0, 1 + (place % (bytes.length - 1)));
        const result = scan([short], [method]);
        expect(result.error).toBeUndefined();
        expect(result.responses).toEqual([]);
        // Between an interim response and the real one nothing of a response has come, but one is waited for.
        if (!/^HTTP\/1.1 10[03][\s\S]*\r\n\r\n$/.test(short.toString('latin1')))
          expect(result.mayEnd).toBe(false);
      }),
    );
  });

  test('random bytes never make it hang, or throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isChunked) => {
        const start = isChunked
          ? 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
          : 'HTTP/1.1 200 OK\r\n';
        const result = scan([Buffer.from(start), Buffer.from(bytes)], ['GET']);
        expect(result.responses.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('what no server may send is an error that shows the bytes', () => {
  const OK = 'HTTP/1.1 200 OK\r\n';
  const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
  test.for([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'not HTTP/1.1'],
    ['another protocol that is a byte so far', 'S', 'not HTTP/1.1'],
    ['HTTP/2 spoken as HTTP/1', 'HTTP/2 200 OK\r\n\r\n', 'not HTTP/1.1'],
    ['a version that does not exist', 'HTTP/1.2 200 OK\r\n\r\n', 'not a status line'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', 'not a status line'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'not a status line'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\n\r\n', 'not a status line'],
    ['a line feed alone', 'HTTP/1.1 200 OK\n\n', 'status line without an end'],
    ['a header line without a colon', `${OK}nonsense\r\n\r\n`, 'without a name'],
    ['a space before the colon', `${OK}Content-Length : 3\r\n\r\n`, 'without a name'],
    ['a folded header', `${OK}A: b\r\n c\r\n\r\n`, 'without a name'],
    ['a header without a name', `${OK}: b\r\n\r\n`, 'without a name'],
    ['a zero byte in a header', `${OK}A: \0\r\n\r\n`, 'control character'],
    ['a carriage return in a header', `${OK}A: b\rc\r\n\r\n`, 'without a line feed'],
    ['a length that is no number', `${OK}Content-Length: 3x\r\n\r\n`, 'no length'],
    ['a negative length', `${OK}Content-Length: -3\r\n\r\n`, 'no length'],
    ['an empty length', `${OK}Content-Length:\r\n\r\n`, 'no length'],
    ['two lengths', `${OK}Content-Length: 3\r\nContent-Length: 4\r\n\r\n`, 'no length'],
    ['an absurd length', `${OK}Content-Length: 99999999999999999999\r\n\r\n`, 'no length'],
    ['a length and chunks', `${OK}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`, 'both'],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'in HTTP/1.0'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 'switch of protocols'],
    ['more than the length says', `${OK}Content-Length: 1\r\n\r\nab`, 'no request asked for'],
    ['a body after a 204', 'HTTP/1.1 204 No Content\r\n\r\nx', 'no request asked for'],
    ['a chunk without a size', `${CHUNKED}\r\n`, 'without a size'],
    ['a chunk with a bad size', `${CHUNKED}5g\r\n`, 'no number'],
    ['a chunk of an absurd size', `${CHUNKED}ffffffffffffffff\r\n`, 'absurd'],
    ['a chunk that is longer than its size', `${CHUNKED}3\r\nabcd\r\n0\r\n\r\n`, 'longer than its size'],
    ['a chunk that ends in a line feed alone', `${CHUNKED}3\nabc\r\n`, 'no number'],
    ['a trailer that is none', `${CHUNKED}0\r\n nonsense\r\n\r\n`, 'trailer without a name'],
  ] as const)('%s', ([, wire, message]) => {
    const whole = scanText(wire);
    expect(whole.error).toContain(message);
    expect(whole.evidence).not.toBe('');
    expect(wire).toContain(whole.evidence.slice(0, 20));
    const bytes = Buffer.from(wire, 'latin1');
    const dripped = scan(cut(bytes, [...bytes.keys()]), ['GET']);
    expect(dripped.error).toContain(message);
  });

  test('a head without an end is given up after 64 KiB', () => {
    const line = Buffer.from(`A: ${'b'.repeat(1000)}\r\n`);
    const parts = [Buffer.from(OK), ...Array.from({ length: 80 }, () => line)];
    expect(scan(parts, ['GET']).error).toContain('without an end');
  });
});

describe('a head', () => {
  const known = 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\nX-Test: same\r\n\r\n';
  const twice = ['GET', 'GET'];

  test('that is the one before is taken for the same', () => {
    const { responses } = scan([Buffer.from(`${known}ab`), Buffer.from(`${known}cd`)], twice);
    const same = { status: 200, length: 2, keepAlive: true, server: 'same' };
    expect(responses).toEqual([
      { ...same, body: 'ab' },
      { ...same, body: 'cd' },
    ]);
  });

  test('that differs from the one before by any byte is read by itself', () => {
    const first = Buffer.from(`${known}ab`);
    for (let at = 0; at < known.length; at += 1) {
      for (const char of ['1', 'x', ' ', '\n']) {
        const other = Buffer.from(`${known.slice(0, at)}${char}${known.slice(at + 1)}ab`);
        const alone = scan([other], ['GET']);
        const after = scan([first, other], twice);
        expect({ ...after, responses: after.responses.slice(1) }, `${char} at ${at}`).toEqual(alone);
      }
    }
  });

  test('that begins like the one before, and goes on, is read by itself', () => {
    const short = 'HTTP/1.1 204 A\r\n\r\n';
    const { responses } = scan([Buffer.from(short), Buffer.from(`${short}HTTP/1.1 200 `)], [...twice, 'GET']);
    expect(responses.map(({ status }) => status)).toEqual([204, 204]);
  });
});

describe('a body', () => {
  test('is kept no further than asked for, and measured to its end', () => {
    const wire = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n${'x'.repeat(3000)}`);
    for (const parts of [[wire], cut(wire, [10, 500, 501, 1999])]) {
      const [response] = scan(parts, ['GET'], 100).responses;
      expect(response?.body).toBe('x'.repeat(100));
      expect(response?.length).toBe(3000);
    }
  });

  test.for([
    ['1.1', '', true],
    ['1.0', '', false],
    ['1.0', 'Connection: Keep-Alive\r\n', true],
    ['1.1', 'Connection: CLOSE\r\n', false],
    ['1.1', 'Connection: close, keep-alive\r\n', false],
    ['1.1', 'Connection: keep-alive , close\r\n', false],
    ['1.1', 'Connection: ,,x,\tclose\r\n', false],
    ['1.1', 'Connection: close\r\nConnection: keep-alive\r\n', false],
    ['1.1', 'Connection: keep-alive\r\nX: y\r\nConnection: close\r\n', false],
    ['1.0', 'Connection: keep-alive\r\nConnection: close\r\n', false],
    ['1.0', 'Connection: close\r\nConnection: keep-alive\r\n', false],
    ['1.1', 'Connection: closed\r\n', true],
    ['1.1', 'Connection: "close"\r\n', true],
  ] as const)('of HTTP/%s with "%s" leaves the connection open: %s', ([version, lines, isOpen]) => {
    const wire = Buffer.from(`HTTP/${version} 200 OK\r\n${lines}Content-Length: 0\r\n\r\n`);
    expect(scan([wire], ['GET']).responses[0]?.keepAlive).toBe(isOpen);
    expect(scan([wire, wire], ['GET', 'GET']).responses).toHaveLength(isOpen ? 2 : 1);
  });

  test('of a connection that is to close leaves it closed', () => {
    const wire = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
    expect(scanText(wire).responses[0]?.keepAlive).toBe(false);
    const old = 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n';
    expect(scanText(old).responses[0]?.keepAlive).toBe(true);
    expect(scanText(old.replace('Connection', 'X')).responses[0]?.keepAlive).toBe(false);
  });
});
