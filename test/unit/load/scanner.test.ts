/** The scanner against the parser of node:http, and against what no server may send. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KnownHeads } from '../../../src/load/engine/http1/known-heads.ts';
import { ResponseScanner, type ResponseSink } from '../../../src/load/engine/http1/scanner.ts';
import fc from '../../rig/fast-check.ts';

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
  const buffer = Buffer.alloc(1 + parts.reduce((most, { length }) => Math.max(most, length), 0));
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
  const scanner = new ResponseScanner(sink, new KnownHeads(buffer));
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
    ['a blank after the size of a chunk', `${CHUNKED}5 \r\nhello\r\n0\r\n\r\n`, 'extension'],
    ['an extension without a name', `${CHUNKED}5;\r\nhello\r\n0\r\n\r\n`, 'extension'],
    ['an extension that is two words', `${CHUNKED}5;a b\r\nhello\r\n0\r\n\r\n`, 'extension'],
    ['an extension with an open quote', `${CHUNKED}5;a="b\r\nhello\r\n0\r\n\r\n`, 'extension'],
    ['an extension after a quote', `${CHUNKED}5;a="b"c\r\nhello\r\n0\r\n\r\n`, 'extension'],
    ['a control character in an extension', `${CHUNKED}5;a="\x01"\r\nhello\r\n0\r\n\r\n`, 'extension'],
    ['a value that is missing in an extension', `${CHUNKED}5;a=\r\nhello\r\n0\r\n\r\n`, 'extension'],
    ['a zero byte in a header that goes on', `${OK}A: \0`, 'control character'],
    ['codings without a comma', `${OK}Transfer-Encoding: gzip chunked\r\n\r\n`, 'no list of codings'],
    ['a coding in quotes', `${OK}Transfer-Encoding: "chunked"\r\n\r\n`, 'no list of codings'],
    ['a coding with a control character', `${OK}Transfer-Encoding: chunked\x0b\r\n\r\n`, 'control character'],
    ['a coding with a blank of another sort', `${OK}Transfer-Encoding: \xa0chunked\r\n\r\n`, 'no list'],
    ['chunked, and chunked again', `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n`, 'chunked twice'],
    ['chunked on two lines', `${CHUNKED.slice(0, -2)}Transfer-Encoding: chunked\r\n\r\n`, 'chunked twice'],
    ['chunked with parameters', `${OK}Transfer-Encoding: chunked;a=b\r\n\r\n`, 'with parameters'],
    ['no codings, and a length', `${OK}Transfer-Encoding:\r\nContent-Length: 3\r\n\r\n`, 'both'],
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

  const TOO_LONG = 'without an end';
  const HEAD = 64 * 1024;
  const LINE = 16 * 1024;
  const fillHead = (length: number): string => `${OK}A: ${'b'.repeat(length - OK.length - 7)}\r\n\r\n`;
  const many = (length: number, line: string): string =>
    line.repeat(Math.ceil(length / line.length)).slice(0, length);
  const NONE = 'HTTP/1.1 204 OK\r\n';
  test.for([
    ['a head', `${NONE}A: ${'b'.repeat(HEAD - NONE.length - 7)}\r\n\r\n`, `${fillHead(HEAD + 1)}`, TOO_LONG],
    ['a name', '', `${OK}${'n'.repeat(2 * HEAD)}`, TOO_LONG],
    ['a reason', '', `HTTP/1.1 200 ${'n'.repeat(2 * HEAD)}`, TOO_LONG],
    ['blanks before a value', '', `${OK}A:${' '.repeat(2 * HEAD)}`, TOO_LONG],
    ['lines', '', OK + many(2 * HEAD, 'A: b\r\n'), TOO_LONG],
    [
      'the size of a chunk',
      `${CHUNKED}${'0'.repeat(LINE - 2)}\r\n\r\n`,
      `${CHUNKED}${'0'.repeat(LINE - 1)}\r\n\r\n`,
      'no end',
    ],
    [
      'the extension of a chunk',
      `${CHUNKED}0;${'x'.repeat(LINE - 4)}\r\n\r\n`,
      `${CHUNKED}0;${'x'.repeat(LINE - 3)}\r\n\r\n`,
      'no end',
    ],
    ['blanks in an extension', '', `${CHUNKED}0;${' '.repeat(2 * LINE)}`, 'no end'],
    [
      'trailers',
      `${CHUNKED}0\r\n${many(HEAD - 12, 'A: b\r\n').slice(0, -6)}A: bcdefghijkl\r\n\r\n`,
      `${CHUNKED}0\r\n${many(2 * HEAD, 'A: b\r\n')}`,
      TOO_LONG,
    ],
    ['the name of a trailer', '', `${CHUNKED}0\r\n${'n'.repeat(2 * HEAD)}`, TOO_LONG],
  ] as const)('more than there may be: %s', ([, most, more, message]) => {
    for (const size of [Number.POSITIVE_INFINITY, 65_536, 1000, 1]) {
      const parts = (text: string): Buffer[] => {
        const bytes = Buffer.from(text, 'latin1');
        return Number.isFinite(size)
          ? Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
              bytes.subarray(index * size, (index + 1) * size),
            )
          : [bytes];
      };
      if (most !== '')
        expect(scan(parts(most), ['GET'])).toMatchObject({ error: undefined, responses: [{}] });
      expect(scan(parts(more), ['GET']).error, `by ${size}`).toContain(message);
    }
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

describe('the codings of a body', () => {
  const HELLO = '5\r\nhello\r\n0\r\n\r\n';
  const te = (...values: string[]): string =>
    `HTTP/1.1 200 OK\r\n${values.map((value) => `Transfer-Encoding:${value}\r\nA: b\r\n`).join('')}\r\n`;

  test.for([
    [' chunked'],
    ['chunked'],
    ['\tCHUNKED \t'],
    [' chunked,'],
    [' ,chunked'],
    [' , ,\t, chunked , ,'],
    [' chunked', ''],
    ['', ' chunked'],
    ['', ' chunked', ' ', ','],
    [' gzip, chunked'],
    [' gzip', ' chunked'],
    [' gzip;q="a,chunked;\\"" ;r = s , x, chunked'],
  ] as const)('end in chunks: %j', (values) => {
    for (const places of [[], [...Buffer.from(te(...values) + HELLO).keys()]]) {
      const { responses, mayEnd } = scan(cut(Buffer.from(te(...values) + HELLO), places), ['GET']);
      expect(responses).toMatchObject([{ body: 'hello', keepAlive: true }]);
      expect(mayEnd).toBe(true);
    }
    // Cut off, it is not whole.
    expect(scanText(te(...values) + HELLO.slice(0, -2))).toMatchObject({ responses: [], mayEnd: false });
  });

  test.for([
    [' gzip'],
    [' chunked, gzip'],
    [' chunked', ' gzip'],
    [' identity'],
    [''],
    [' , '],
    [' xchunked'],
  ] as const)('end with the connection: %j', (values) => {
    const { responses, mayEnd } = scanText(te(...values) + HELLO);
    expect(responses).toMatchObject([{ body: HELLO, keepAlive: false }]);
    expect(mayEnd).toBe(true);
  });

  test('say nothing of a response without a body', () => {
    const wire = te(' gzip').replace('200', '304');
    const { responses } = scanText(wire + wire, ['GET', 'GET']);
    expect(responses).toMatchObject([{ keepAlive: true }, { keepAlive: true }]);
  });
});

describe('the extensions of a chunk', () => {
  test.for([
    ';a',
    ';a=b',
    ';a="b"',
    ';a="b;\\"c\\\\"',
    ' ;a',
    '\t; a\t=\t"" ',
    ';a=b;c;d=e',
    ';a="\xe4\t"',
    ' ; a = b ; c',
  ])('are read: %j', (extension) => {
    const wire = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5${extension}\r\nhello\r\n0${extension}\r\n\r\n`;
    // A blank at the end of the line is none of an extension.
    const isTrailing = / $/.test(extension);
    const bytes = Buffer.from(wire, 'latin1');
    for (const places of [[], [...bytes.keys()]]) {
      const { responses, error } = scan(cut(bytes, places), ['GET']);
      if (isTrailing) expect(error).toContain('extension');
      else expect(responses).toMatchObject([{ body: 'hello' }]);
    }
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

test.each([2, 4, 5])('heads of %i kinds by turns each mean what they say', (kinds) => {
  const answers = Array.from({ length: 4 * kinds }, (_, i) => {
    const kind = i % kinds;
    const body = 'b'.repeat(kind + 1);
    return {
      status: 210 + kind,
      body,
      bytes: `HTTP/1.1 ${210 + kind} Kind\r\nContent-Length: ${kind + 1}\r\n\r\n${body}`,
    };
  });
  // Each in a read of its own, as where every answer is awaited.
  const { responses, error } = scan(
    answers.map(({ bytes }) => Buffer.from(bytes)),
    answers.map(() => 'GET'),
  );
  expect(error).toBeUndefined();
  expect(responses.map(({ status, body }) => ({ status, body }))).toEqual(
    answers.map(({ status, body }) => ({ status, body })),
  );
});
