/** The fault proxy between raw sockets, and between node:http on both sides. */
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { HttpFault } from '../../../src/core/http-fault.ts';
import { reset } from '../../../src/proxy/harness/reset.ts';
import fc from '../../rig/fast-check.ts';
import { answering, type Heard, RawServer, TestProxy, talk } from '../../rig/fault-proxy.ts';

const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';
const CLOSE = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';
const json = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** What a client hears of one answer through the proxy. */
async function through(
  answer: string | Buffer,
  faults: readonly HttpFault[],
  { sent = GET, isEnough }: { sent?: string; isEnough?: (text: string) => boolean } = {},
) {
  await using server = await RawServer.start((socket) => {
    socket.once('data', () => {
      socket.write(answer);
      if (isEnough === undefined) socket.end();
    });
  });
  await using proxy = await TestProxy.start(server.port, faults);
  const heard = await talk(proxy.port, [sent], isEnough);
  return { ...heard, report: proxy.report };
}

/** The status and the body of an answer, read by node:http. */
async function ask(
  port: number,
  { method = 'GET', path = '/', agent }: { method?: string; path?: string; agent?: Agent } = {},
) {
  const sent = request({ port, host: '127.0.0.1', method, path, ...(agent === undefined ? {} : { agent }) });
  sent.end();
  const [response] = await once(sent, 'response');
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  const { statusCode: status, headers, trailers } = response;
  return { status, headers, trailers, body: Buffer.concat(parts) };
}

describe('without a fault every byte passes as it is, whatever it is', () => {
  const answers = [
    json('{"a":1}'),
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
    'HTTP/1.1 204 No Content\r\n\r\n',
    'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n',
    'HTTP/1.0 200 OK\r\n\r\nuntil the end',
    // A server that lies about its length, or is no server of HTTP at all.
    'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nlonger',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc',
    'HTTP/1.1 20',
    '220 mail.example ESMTP\r\n',
    '',
  ];
  test.each(answers)('%j', async (answer) => {
    for (const faults of [[{ type: 'none' }], [{ type: 'wrong-type' }]] as const) {
      const isOwn = faults[0].type === 'wrong-type' && answer.includes('{"a":1}');
      const { text, error, report } = await through(answer, faults);
      if (!isOwn) expect(text).toBe(answer);
      expect(error).toBeUndefined();
      expect(report.changed).toBe(isOwn ? 1 : 0);
    }
  });

  test('in any form, however it is cut', async () => {
    const piece = fc.constantFrom(...answers.map((answer) => Buffer.from(answer)), Buffer.from('\r\n'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 4 }),
        fc.array(fc.nat(300), { maxLength: 6 }),
        async (all, cuts) => {
          const bytes = Buffer.concat(all);
          const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
          await using server = await RawServer.start(async (socket) => {
            for (const [index, to] of [...at, bytes.length].entries()) {
              socket.write(bytes.subarray(at[index - 1] ?? 0, to));
              await new Promise((done) => setImmediate(done));
            }
            socket.end();
          });
          await using proxy = await TestProxy.start(server.port, [{ type: 'none' }]);
          expect(await talk(proxy.port, [GET, GET, GET])).toEqual({
            text: bytes.toString('latin1'),
            error: undefined,
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  test('requests as well', async () => {
    const sent = [
      'POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc',
      'POST /b HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n',
      'no request at all',
    ];
    let got = '';
    await using server = await RawServer.start((socket) => {
      socket.on('data', (chunk) => {
        got += chunk.toString('latin1');
      });
      socket.on('end', () => socket.end('bye'));
    });
    await using proxy = await TestProxy.start(server.port, [{ type: 'none' }]);
    const client = connect(proxy.port, '127.0.0.1');
    client.end(sent.join(''));
    await once(client.resume(), 'close');
    expect(got).toBe(sent.join(''));
    expect(proxy.report).toMatchObject({ requests: 3, malformed: 1 });
  });
});

describe('what a fault makes of an answer is a whole message', () => {
  const BODY = '{"name":"a","list":[1,2]}';
  const forms: Readonly<Record<string, string | Buffer>> = {
    length: json(BODY),
    chunked: `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n${BODY.slice(0, 5)}\r\n${(BODY.length - 5).toString(16)}\r\n${BODY.slice(5)}\r\n0\r\nX-Sum: 7\r\n\r\n`,
    'until the end': `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n${BODY}`,
    ...Object.fromEntries(
      Object.entries({
        gzip: gzipSync(BODY),
        br: brotliCompressSync(BODY),
        deflate: deflateSync(BODY),
        'deflate ': deflateRawSync(BODY),
      }).map(([coding, body]) => [
        coding,
        Buffer.concat([
          Buffer.from(
            `HTTP/1.1 200 OK\r\ncontent-encoding: ${coding.trim()}\r\ncontent-length: ${body.length}\r\n\r\n`,
          ),
          body,
        ]),
      ]),
    ),
  };

  const FAULTS: readonly (readonly [HttpFault, string])[] = [
    [{ type: 'empty-body' }, ''],
    [{ type: 'truncated-body' }, BODY.slice(0, 12)],
    [{ type: 'wrong-value' }, '{"name":"b","list":[1,2]}'],
    [{ type: 'wrong-type' }, '{"name":0,"list":[1,2]}'],
    [{ type: 'missing-field' }, '{"list":[1,2]}'],
  ];
  const PLACES: Partial<Record<HttpFault['type'], string>> = {
    'wrong-value': '$.name of GET /',
    'wrong-type': '$.name of GET /',
    'missing-field': '$.name of GET /',
  };
  const cases = Object.keys(forms).flatMap((form) =>
    FAULTS.map(([fault, expected]) => ({ form, fault, expected, type: fault.type })),
  );

  test.each(cases)('$type of a body with $form', async ({ form, fault, expected }) => {
    await using server = await RawServer.start((socket) => {
      socket.once('data', () => socket.end(forms[form] ?? ''));
    });
    await using proxy = await TestProxy.start(server.port, [fault]);
    // `fetch` decodes the codings.
    const response = await fetch(`http://127.0.0.1:${proxy.port}/`);
    expect(await response.text()).toBe(expected);
    const changedFields = fault.type in PLACES ? [PLACES[fault.type]] : [];
    expect(proxy.report).toMatchObject({ answers: 1, changed: 1, changedBy: [1], changedFields });
  });

  test('with the trailers that it had', async () => {
    await using server = await RawServer.start((socket) => {
      socket.once('data', () => socket.end(forms.chunked ?? ''));
    });
    await using proxy = await TestProxy.start(server.port, [{ type: 'truncated-body' }]);
    const { headers, trailers, body } = await ask(proxy.port);
    expect(headers['transfer-encoding']).toBe('chunked');
    expect(trailers).toEqual({ 'x-sum': '7' });
    expect(body.toString()).toBe(BODY.slice(0, 12));
  });

  test('any body, in any form, through one connection', async () => {
    const server = createServer((incoming, response) => {
      const [, size = '0', form = 'length'] = (incoming.url ?? '').split('/');
      const body = JSON.stringify({ text: 'x'.repeat(Number(size)) });
      response.setHeader('content-type', 'application/json');
      if (form === 'length') response.setHeader('content-length', body.length);
      response.write(body.slice(0, body.length / 2));
      response.end(body.slice(body.length / 2));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await using proxy = await TestProxy.start((server.address() as AddressInfo).port, [
      { type: 'truncated-body' },
    ]);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const size = fc.oneof(fc.nat(40), fc.nat(300_000));
    await fc.assert(
      fc.asyncProperty(size, fc.constantFrom('length', 'chunked'), async (length, form) => {
        const whole = JSON.stringify({ text: 'x'.repeat(length) });
        const { body } = await ask(proxy.port, { path: `/${length}/${form}`, agent });
        expect(body.toString()).toBe(whole.slice(0, Math.floor(whole.length / 2)));
      }),
      { numRuns: 40 },
    );
    expect(proxy.report.connections).toBe(1);
    agent.destroy();
    server.close();
  });
});

describe('heads', () => {
  test('another status keeps the body, and a status without one gets none', async () => {
    const fault: HttpFault = { type: 'status', status: 503 };
    expect((await through(json('[1]'), [fault])).text).toBe(
      json('[1]').replace('200 OK', '503 Service Unavailable'),
    );
    const { text } = await through('HTTP/1.1 204 No Content\r\n\r\n', [fault]);
    expect(text).toBe('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n');
    const promised = 'HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n';
    expect((await through(promised, [fault])).text).toBe(text);
  });

  test('a status without a body takes it away', async () => {
    await using server = await answering(json('[1]'));
    await using proxy = await TestProxy.start(server.port, [{ type: 'status', status: 204 }]);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const _ of [1, 2])
      expect(await ask(proxy.port, { agent })).toMatchObject({ status: 204, body: Buffer.alloc(0) });
    expect(proxy.report).toMatchObject({ connections: 1, changed: 2 });
    agent.destroy();
  });

  test('a status that it has already is no change', async () => {
    const { report } = await through(json('[1]'), [{ type: 'status', status: 200 }]);
    expect(report.changed).toBe(0);
  });

  test('another media type', async () => {
    const { text } = await through(json('[1]'), [{ type: 'content-type' }]);
    expect(text).toBe(json('[1]').replace('application/json', 'application/octet-stream'));
  });

  test('an answer to HEAD has no body to change', async () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n';
    const sent = 'HEAD / HTTP/1.1\r\nhost: x\r\n\r\n';
    for (const type of ['empty-body', 'truncated-body', 'other-answer'] as const) {
      const { text, report } = await through(head, [{ type }], { sent });
      expect(text).toBe(head);
      expect(report.changed).toBe(0);
    }
  });

  test('an interim answer passes, and is not counted', async () => {
    const { text, report } = await through(`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${json('[1]')}`, [
      { type: 'status', status: 500 },
    ]);
    expect(text).toContain('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 500 Internal');
    expect(report).toMatchObject({ answers: 1, changed: 1 });
  });
});

describe('which answers', () => {
  const statuses = ({ text }: Heard): string[] =>
    [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status ?? '');
  const five = (faults: readonly HttpFault[]) => async (): Promise<string[]> => {
    await using server = await answering(json('[1]'));
    await using proxy = await TestProxy.start(server.port, faults);
    // Pipelined.
    const heard = await talk(proxy.port, [GET.repeat(6)], (text) => text.split('HTTP/1.1').length === 7);
    expect(proxy.report.changed).toBe(statuses(heard).filter((status) => status !== '200').length);
    return statuses(heard);
  };

  test('the first ones', async () => {
    expect(await five([{ type: 'status', status: 500, first: 2 }])()).toEqual([
      '500',
      '500',
      '200',
      '200',
      '200',
      '200',
    ]);
  });

  test('one in so many', async () => {
    expect(await five([{ type: 'status', status: 500, every: 3 }])()).toEqual([
      '200',
      '500',
      '200',
      '200',
      '500',
      '200',
    ]);
  });

  test('those to some requests', async () => {
    expect(await five([{ type: 'status', status: 500, match: { path: '/other' } }])()).not.toContain('500');
    expect(
      await five([{ type: 'status', status: 500, match: { method: 'get', path: '/' } }])(),
    ).not.toContain('200');
  });
});

describe('former answers', () => {
  const several = async (
    type: 'stale-answer' | 'other-answer',
    paths: readonly string[],
    answers: readonly string[],
  ) => {
    await using server = await answering(...answers.map(json));
    await using proxy = await TestProxy.start(server.port, [{ type }]);
    const bodies: string[] = [];
    for (const path of paths) bodies.push((await ask(proxy.port, { path })).body.toString());
    return { bodies, changed: proxy.report.changed };
  };

  test('the previous answer to the same request', async () => {
    expect(await several('stale-answer', ['/a', '/b', '/a', '/a'], ['[1]', '[2]', '[3]', '[3]'])).toEqual({
      bodies: ['[1]', '[2]', '[1]', '[3]'],
      changed: 1,
    });
  });

  test('the answer to another request', async () => {
    expect(await several('other-answer', ['/a', '/b', '/a'], ['[1]', '[2]', '[3]'])).toEqual({
      bodies: ['[1]', '[1]', '[2]'],
      changed: 2,
    });
  });
});

describe('whether a former answer would make a difference', () => {
  const alternatives = async (paths: readonly string[], answers: readonly string[]) => {
    await using server = await answering(...answers);
    await using proxy = await TestProxy.start(server.port, [{ type: 'none' }]);
    for (const path of paths) await ask(proxy.port, { path });
    return proxy.report.alternatives;
  };
  const large = json(JSON.stringify('x'.repeat(300_000)));

  test.each([
    ['one answer', ['/a'], [json('[1]')], false, false],
    ['the same again', ['/a', '/a'], [json('[1]'), json('[1]')], false, false],
    ['another status', ['/a', '/a'], [json('[1]'), json('[1]').replace('200', '404')], false, true],
    ['a change', ['/a', '/a'], [json('[1]'), json('[2]')], false, true],
    ['another query', ['/a?b=1', '/a?b=2'], [json('[1]'), json('[2]')], true, true],
    ['something else', ['/a', '/b'], [json('[1]'), json('[2]')], true, false],
    ['something else that is the same', ['/a', '/b'], [json('[1]'), json('[1]')], false, false],
    [
      'one after many that are the same',
      [...Array(9).fill('/a'), '/a'],
      [...Array(9).fill(json('[1]')), json('[2]')],
      false,
      true,
    ],
    ['more than is compared', ['/a'], [large], true, true],
  ])('%s', async (_, paths, answers, other, stale) => {
    expect(await alternatives(paths, answers)).toEqual({ other, stale });
  });

  test('that is not looked for without need', async () => {
    await using server = await answering(json('[1]'));
    await using proxy = await TestProxy.start(server.port, [{ type: 'status', status: 500 }]);
    await ask(proxy.port, { path: '/' });
    expect(proxy.report.alternatives).toBeNull();
  });
});

describe('connections', () => {
  test('a reset comes in place of the answer, after those before it', async () => {
    await using server = await answering(json('[1]'));
    await using proxy = await TestProxy.start(server.port, [{ type: 'reset', every: 3 }]);
    const client = connect(proxy.port, '127.0.0.1');
    let text = '';
    client.on('data', (chunk) => {
      text += chunk.toString();
      // Node takes a reset that comes along with data for an end.
      client.write(GET);
    });
    client.write(GET);
    await expect(once(client, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(text).toBe(json('[1]'));
    expect(proxy.report).toMatchObject({ answers: 2, changed: 1 });
  });

  test('an answer that hangs never comes, and the connection stays', async () => {
    await using server = await answering(json('[1]'));
    await using proxy = await TestProxy.start(server.port, [{ type: 'hang', match: { path: '/slow' } }]);
    const client = connect(proxy.port, '127.0.0.1');
    let text = '';
    client.on('data', (chunk) => {
      text += chunk.toString();
    });
    client.write(`${GET}GET /slow HTTP/1.1\r\nhost: x\r\n\r\n`);
    while (proxy.report.changed === 0) await new Promise((done) => setImmediate(done));
    // Another connection goes on meanwhile, and what is to come of this one would have come by then.
    expect((await ask(proxy.port)).status).toBe(200);
    expect(text).toBe(json('[1]'));
    expect(client.readableEnded).toBe(false);
    client.destroy();
  });

  test('latency delays an answer, and bandwidth stretches it', async () => {
    const startedAt = performance.now();
    await through(json('[1]'), [{ type: 'latency', ms: 120 }]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(119);
    const slow = performance.now();
    const { text } = await through(json(`[${'1'.repeat(900)}]`), [
      { type: 'bandwidth', bytesPerSecond: 5000 },
    ]);
    expect(text).toBe(json(`[${'1'.repeat(900)}]`));
    expect(performance.now() - slow).toBeGreaterThanOrEqual(150);
  });

  test('the service dies with a request at hand, and none of its answers comes any more', async () => {
    const sockets: Socket[] = [];
    await using server = await RawServer.start((socket) => {
      sockets.push(socket);
      socket.on('data', () => socket.write(json('[1]')));
    });
    const kill = (): void => {
      for (const socket of sockets) reset(socket);
    };
    await using proxy = await TestProxy.start(server.port, [{ type: 'die', after: 1 }], kill);
    expect((await talk(proxy.port, [GET], (text) => text.length > 0)).text).toBe(json('[1]'));
    expect(proxy.deaths).toBe(0);
    const heard = await talk(proxy.port, [GET]);
    expect(heard).toEqual({ text: '', error: 'ECONNRESET' });
    expect(proxy.deaths).toBe(1);
    expect(proxy.report.changed).toBe(1);
  });

  test('what the service breaks in mid-answer is broken to the client', async () => {
    const part = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc';
    for (const type of ['none', 'truncated-body'] as const) {
      const sockets: Socket[] = [];
      await using server = await RawServer.start((socket) => {
        sockets.push(socket);
        socket.once('data', () => socket.write(part));
      });
      await using proxy = await TestProxy.start(server.port, [{ type }]);
      const client = connect(proxy.port, '127.0.0.1');
      let text = '';
      client.on('data', (chunk) => {
        text += chunk.toString();
      });
      client.write(GET);
      const broken = once(client, 'end').catch((error: unknown) => error);
      while (proxy.report.answers === 0 || (type === 'none' && text !== part))
        await new Promise((done) => setImmediate(done));
      for (const socket of sockets) reset(socket);
      const error = await broken;
      // What was held back comes along with the reset, which Node takes for an end.
      if (type === 'none') expect(error).toMatchObject({ code: 'ECONNRESET' });
      expect(text).toBe(part);
      expect(proxy.report.changed).toBe(0);
    }
  });

  test('where nobody listens, the client is refused', async () => {
    const server = await RawServer.start(() => {});
    const { port } = server;
    await server[Symbol.asyncDispose]();
    await using proxy = await TestProxy.start(port, [{ type: 'none' }]);
    expect(await talk(proxy.port, [GET])).toEqual({ text: '', error: 'ECONNRESET' });
  });
});

describe('what is not read', () => {
  test('a connection that switches protocols passes on both ways', async () => {
    await using server = await RawServer.start((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nhello');
        socket.pipe(socket);
      });
    });
    await using proxy = await TestProxy.start(server.port, [{ type: 'wrong-value' }]);
    const client = connect(proxy.port, '127.0.0.1');
    let text = '';
    client.on('data', (chunk) => {
      // What the server says right after it has agreed is of the new protocol already.
      if (text === '') client.write('one');
      text += chunk.toString('latin1');
    });
    client.write('GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n');
    while (!text.endsWith('helloone')) await new Promise((done) => setImmediate(done));
    client.destroy();
    expect(proxy.report.opaque).toEqual({ tls: 0, http2: 0, upgrades: 1 });
  });

  test('a refused upgrade leaves HTTP, with what was sent ahead', async () => {
    await using server = await answering(json('[1]'));
    await using proxy = await TestProxy.start(server.port, [{ type: 'status', status: 500 }]);
    const upgrade = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n';
    const heard = await talk(proxy.port, [upgrade + GET], (text) => text.split('HTTP/1.1 500').length === 3);
    expect(heard.error).toBeUndefined();
    expect(proxy.report).toMatchObject({ requests: 2, answers: 2, changed: 2 });
  });

  test('a server of HTTP/2 may speak before its client', async () => {
    await using server = await RawServer.start((socket) => {
      socket.write('settings');
      socket.on('data', () => socket.write('answer'));
    });
    await using proxy = await TestProxy.start(server.port, [{ type: 'none' }]);
    const client = connect(proxy.port, '127.0.0.1');
    let text = '';
    client.on('data', (chunk) => {
      if (text === '') client.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
      text += chunk.toString();
    });
    while (!text.endsWith('settingsanswer')) await new Promise((done) => setImmediate(done));
    client.destroy();
    expect(proxy.report).toMatchObject({ answers: 1, malformed: 0, opaque: { http2: 1 } });
  });

  test.each([
    ['tls', Buffer.from([22, 3, 1, 0, 5, 1, 0, 0, 1, 0])],
    ['http2', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  ] as const)('%s has faults of connections alone', async (kind, hello) => {
    await using server = await RawServer.start((socket) => {
      socket.on('data', () => socket.write('\x16\x03\x03 answer'));
    });
    await using proxy = await TestProxy.start(server.port, [{ type: 'status', status: 500 }]);
    await talk(proxy.port, [hello], (text) => text.endsWith('answer'));
    expect(proxy.report).toMatchObject({ answers: 1, changed: 0, opaque: { [kind]: 1 } });
    await using resetting = await TestProxy.start(server.port, [{ type: 'reset' }]);
    expect((await talk(resetting.port, [hello])).error).toBe('ECONNRESET');
    expect(resetting.report.changed).toBe(1);
  });
});

test('a body that is too large to be held back passes as it is', async () => {
  const size = 20 * 1024 * 1024;
  const server = createServer((_, response) => {
    response.setHeader('content-length', size);
    response.end(Buffer.alloc(size, 'a'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await using proxy = await TestProxy.start((server.address() as AddressInfo).port, [
    { type: 'truncated-body' },
  ]);
  const { body } = await ask(proxy.port, { agent: new Agent() });
  expect(body.length).toBe(size);
  expect(proxy.report.changed).toBe(0);
  server.close();
});

test('a client that does not read keeps the service from sending: nothing piles up', async () => {
  const total = 400 * 1024 * 1024;
  let sent = 0;
  let isBlocked = false;
  await using server = await RawServer.start((socket) => {
    socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`));
    const part = Buffer.alloc(256 * 1024);
    const push = (): void => {
      isBlocked = false;
      while (sent < total && !isBlocked) {
        isBlocked = !socket.write(part);
        sent += part.length;
      }
    };
    socket.once('data', push);
    socket.on('drain', push);
  });
  await using proxy = await TestProxy.start(server.port, [{ type: 'none' }]);
  const client = connect(proxy.port, '127.0.0.1').pause();
  client.write(GET);
  let before = -1;
  while (proxy.report.answers === 0 || sent !== before) {
    before = sent;
    // Long enough for what is under way to arrive; a busy machine only makes this end sooner.
    for (let turn = 0; turn < 2000; turn += 1) await new Promise((done) => setImmediate(done));
  }
  expect(isBlocked).toBe(true);
  expect(sent).toBeLessThan(total / 4);
  client.destroy();
});

test('a stream is not held back for a fault of its whole', async () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n';
  const { text, report } = await through(`${head}data: {"a":1}\n\n`, [{ type: 'wrong-value' }], {
    isEnough: (heard) => heard.endsWith('\n\n'),
  });
  expect(text).toBe(`${head}data: {"a":1}\n\n`);
  expect(report.changed).toBe(0);
});

test('what was seen is told by request and status, with the fields of JSON', async () => {
  await using server = await answering(
    json('{"a":[{"b":1}],"c":null}'),
    'HTTP/1.1 404 Not\r\ncontent-length: 0\r\n\r\n',
  );
  await using proxy = await TestProxy.start(server.port, [{ type: 'none' }]);
  await ask(proxy.port, { path: '/x?y=1' });
  await ask(proxy.port, { path: '/x?y=2' });
  await ask(proxy.port, { path: '/x?y=3' });
  expect(proxy.report.seen).toEqual([
    {
      method: 'GET',
      path: '/x',
      status: 200,
      contentType: 'application/json',
      isJson: true,
      count: 2,
      fields: ['$.a[].b', '$.c'],
    },
    { method: 'GET', path: '/x', status: 404, contentType: null, isJson: false, count: 1, fields: [] },
  ]);
  expect(proxy.report).toMatchObject({
    isSeenCut: false,
    requests: 3,
    answers: 3,
    medianMs: expect.any(Number),
  });
});

test('a client that closes closes the connection to the service', async () => {
  let closed = 0;
  await using server = await RawServer.start((socket) => {
    socket.resume();
    socket.once('close', () => {
      closed += 1;
    });
    socket.once('end', () => socket.end());
  });
  await using proxy = await TestProxy.start(server.port, [{ type: 'none' }]);
  const client = connect(proxy.port, '127.0.0.1');
  client.end(CLOSE);
  await once(client.resume(), 'close');
  while (closed === 0) await new Promise((done) => setImmediate(done));
  expect(closed).toBe(1);
});
