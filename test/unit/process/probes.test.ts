/** What probes look at, how often, and that they leave no trace in what they look at. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Clock } from '../../../src/core/clock.ts';
import type { Probe } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';
import type { ProbeAnswer } from '../../../src/process/probes/answer.ts';
import { AnswerReader } from '../../../src/process/probes/answer-reader.ts';
import { Exchanges } from '../../../src/process/probes/exchanges.ts';
import { noteFiles } from '../../../src/process/probes/files.ts';
import { logWatches, type ProbeSubject, untilReady, waitAfter } from '../../../src/process/probes/probe.ts';
import { hasProcessTable } from '../../../src/process/system/proc.ts';
import { exhaustDescriptors } from '../../rig/descriptors.ts';
import fc from '../../rig/fast-check.ts';

const clock = new Clock();

describe('an answer', () => {
  const informational = fc.constantFrom(
    'HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 102 Processing\nx: y\n\n',
  );
  const body = fc.string({ unit: 'binary-ascii', maxLength: 300 });
  const chunks = fc.array(
    body.filter((text) => text !== ''),
    { maxLength: 5 },
  );
  const final = fc.oneof(
    body.map((text) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`),
    chunks.map(
      (texts) =>
        `HTTP/1.1 200 OK\r\ntransfer-encoding:gzip, chunked \r\nContent-Length: 7\r\n\r\n${texts
          .map((text) => `${text.length.toString(16)};ext="a"\r\n${text}\r\n`)
          .join('')}0\r\nTrailer: x\r\n\r\n`,
    ),
    fc.constant('HTTP/1.0 200\r\ncontent-length : 0\r\n\r\n'),
  );

  test('has the status of its last head, and ends where its framing says, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(informational, { maxLength: 3 }),
        final,
        fc.array(fc.nat(400)),
        (first, last, cuts) => {
          const bytes = Buffer.from(first.join('') + last, 'latin1');
          const reader = new AnswerReader();
          const at = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
          for (const [index, cut] of at.entries()) {
            reader.push(bytes.subarray(at[index - 1] ?? 0, cut));
            expect(reader.isOver).toBe(false);
          }
          reader.push(bytes.subarray(at.at(-1) ?? 0));
          expect([reader.status, reader.isOver, reader.complaint]).toEqual([200, true, undefined]);
        },
      ),
    );
  });

  test.for([
    ['HTTP/1.1 204 No Content\r\n\r\n', true],
    ['HTTP/1.1 101 Switching Protocols\r\n\r\n', true],
    ['HTTP/1.1 200 OK\r\n\r\nuntil it closes', false],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n', false],
  ] as const)('%j: is over: %s', ([text, isOver]) => {
    const reader = new AnswerReader();
    reader.push(Buffer.from(text));
    expect(reader.status).toBe(Number(text.slice(9, 12)));
    expect(reader.isOver).toBe(isOver);
  });

  test.for([
    ['SSH-2.0-OpenSSH_9.2\r\n', 'answered, but not in HTTP/1.1'],
    ['\x15\x03\x01\x00\x02\x02\x46', 'answered in TLS'],
    ['HTTP/2 200\r\n', 'answered, but not in HTTP/1.1'],
    [`HTTP/1.1 200 OK\r\n${'x'.repeat(70_000)}`, 'answered, but not in HTTP/1.1'],
  ] as const)('that is none: %j', ([text, complaint]) => {
    const reader = new AnswerReader();
    reader.push(Buffer.from(text, 'latin1'));
    expect(reader.complaint).toBe(complaint);
  });
});

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const serve = (listener: RequestListener): Promise<number> => listen(createHttp(listener));

function subjectFor(probe: Probe, parts: Partial<ProbeSubject> = {}): ProbeSubject {
  const exchanges = new Exchanges(clock);
  onTestFinished(() => exchanges.close(AbortSignal.abort()));
  return {
    clock,
    port: null,
    cwd: tmpdir(),
    scanner: new OutputScanner(logWatches(probe)),
    exchanges,
    filesBefore: noteFiles(probe, tmpdir()),
    execute: async () => ({ ready: false, why: 'there is no command' }),
    ...parts,
  };
}

/** Waits until a probe is ready; what it lacked before is returned. */
async function whatLacked(probe: Probe, subject: ProbeSubject): Promise<string[]> {
  const lacked: string[] = [];
  const isReady = await untilReady(probe, subject, new AbortController().signal, (answer) => {
    if (!answer.ready && lacked.at(-1) !== answer.why) lacked.push(answer.why);
  });
  expect(isReady).toBe(true);
  return lacked;
}

const askFor = (path: string, timeout = 60_000): Extract<Probe, { type: 'http' }> => ({
  type: 'http',
  path,
  status: { from: 200, to: 399 },
  timeout: ms(timeout),
});

describe('where no more files may be opened', () => {
  /** What is said until, and when, a probe is ready: files may be opened again once it has met the trouble. */
  async function throughTrouble(probe: Probe, port: number): Promise<readonly ProbeAnswer[]> {
    const answers: ProbeAnswer[] = [];
    const subject = subjectFor(probe, { port });
    let met = (): void => {};
    const trouble = new Promise<void>((resolve) => {
      met = resolve;
    });
    const exhausted = await exhaustDescriptors();
    const ready = untilReady(probe, subject, new AbortController().signal, (answer) => {
      answers.push(answer);
      met();
    });
    await Promise.race([trouble, ready]).finally(() => exhausted[Symbol.asyncDispose]());
    expect(await ready).toBe(true);
    return answers;
  }

  const trouble = {
    ready: false,
    why: 'Shakedown has reached its limit of open files',
    trouble: {
      cause: 'Shakedown has reached its limit of open files',
      remedy: expect.stringContaining('raise `ulimit -n`'),
    },
  };

  test.runIf(hasProcessTable)('nobody is taken for somebody who does not listen', async () => {
    const port = await serve((_, response) => response.end('ok'));
    for (const probe of [askFor('/'), { type: 'port' }] as const) {
      const [first, ...others] = await throughTrouble(probe, port);
      expect(first).toEqual(trouble);
      expect(others.at(-1)).toEqual({ ready: true });
    }
  });

  test.runIf(hasProcessTable)('a question that cannot be asked is no answer', async () => {
    const exchanges = new Exchanges(clock);
    const port = await serve((_, response) => response.end('ok'));
    const exhausted = await exhaustDescriptors();
    const answer = await exchanges
      .ask({ host: '127.0.0.1', port }, askFor('/'))
      .finally(() => exhausted[Symbol.asyncDispose]());
    expect(answer).toEqual({ type: 'trouble', trouble: trouble.trouble });
  });

  const NO_FILES = { cause: 'no more files may be opened', remedy: 'raise it' };
  const isSilent = { type: 'exec', command: { type: 'shell', line: 'silent' }, timeout: ms(1000) } as const;
  const isAbsent = { type: 'file', path: 'never-there' } as const;
  test.for([
    // One that does not hold is enough for it.
    { type: 'all', isTrouble: false },
    // This one may hold.
    { type: 'any', isTrouble: true },
  ] as const)(
    'of $type of two conditions, where one does not hold: trouble: $isTrouble',
    async ({ type, isTrouble }) => {
      const probe: Probe = { type, probes: [isAbsent, isSilent] };
      const enough = new AbortController();
      const execute = async (): Promise<ProbeAnswer> => ({ ready: false, why: 'x', trouble: NO_FILES });
      let last: ProbeAnswer = { ready: true };
      let count = 0;
      await untilReady(probe, subjectFor(probe, { execute }), enough.signal, (answer) => {
        last = answer;
        count += 1;
        if (count === 4) enough.abort();
      });
      expect(last).toMatchObject({ ready: false, ...(isTrouble ? { trouble: NO_FILES } : {}) });
      expect('trouble' in last).toBe(isTrouble);
    },
  );
});

describe('a server that is asked', () => {
  test('may send hints before its answer', async () => {
    const port = await serve((_, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
      response.end('ok');
    });
    const probe = askFor('/');
    await whatLacked(probe, subjectFor(probe, { port }));
  });

  test('is heard to the end, however late that is', async () => {
    let finish = (): void => {};
    const events: string[] = [];
    const port = await serve((request, response) => {
      request.once('aborted', () => events.push('aborted'));
      response.once('close', () => events.push('closed'));
      response.write('a first piece');
      finish = () => response.end('and the last', () => events.push('finished'));
    });
    const probe = askFor('/');
    const subject = subjectFor(probe, { port });
    await whatLacked(probe, subject);
    subject.exchanges.finish();
    finish();
    while (!events.includes('closed')) await new Promise(setImmediate);
    expect(events).toEqual(['finished', 'closed']);
    expect(subject.exchanges.cut).toBe(0);
  });

  test('that never ends its answer is left in the middle of it, and that is counted', async () => {
    const port = await serve((_, response) => void response.write('data: 1\n\n'));
    const probe = askFor('/');
    const subject = subjectFor(probe, { port });
    await whatLacked(probe, subject);
    await subject.exchanges.close(new AbortController().signal);
    expect(subject.exchanges.cut).toBe(1);
  });

  test('may be slow: the same is asked again, and an answer to the first question counts', async () => {
    const asked: (() => void)[] = [];
    const events: string[] = [];
    const port = await serve((request, response) => {
      request.once('aborted', () => events.push('aborted'));
      response.once('close', () => events.push('closed'));
      asked.push(() => response.end('ok'));
      if (asked.length === 3) for (const answer of asked) answer();
    });
    const probe = askFor('/health', 1);
    const subject = subjectFor(probe, { port });
    expect(await whatLacked(probe, subject)).toContain(
      `port ${port} accepted the connection but did not answer`,
    );
    while (events.length < 3) await new Promise(setImmediate);
    expect(events).toEqual(['closed', 'closed', 'closed']);
    expect(subject.exchanges.cut).toBe(0);
  });

  test('may lose a question: the next one is answered', async () => {
    let count = 0;
    const server = createServer((socket) => {
      socket.on('error', () => {});
      count += 1;
      if (count > 1) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const port = await listen(server);
    const probe = askFor('/', 1);
    await whatLacked(probe, subjectFor(probe, { port }));
    expect(count).toBeGreaterThan(1);
  });

  test('closes no connection first when it can be told where its answer ends: none is in TIME_WAIT there', async () => {
    const closedBy: string[] = [];
    const server = createHttp((_, response) => response.end('ok'));
    server.on('connection', (socket: Socket) => {
      socket.once('end', () => closedBy.push('client'));
    });
    const port = await listen(server);
    const probe = askFor('/');
    const subject = subjectFor(probe, { port });
    await whatLacked(probe, subject);
    while (closedBy.length === 0) await new Promise(setImmediate);
    expect(closedBy).toEqual(['client']);
  });
});

test.runIf(hasProcessTable)('a port is looked at without a connection', async () => {
  let connections = 0;
  const server = createServer(() => {
    connections += 1;
  });
  const port = await listen(server);
  const probe: Probe = { type: 'port' };
  await whatLacked(probe, subjectFor(probe, { port }));
  // Connections are taken in the order in which they come: had there been one before, it would be counted by now.
  const last = askFor('/', 60_000);
  const abort = new AbortController();
  server.once('connection', (socket) => {
    socket.destroy();
    abort.abort();
  });
  await untilReady(last, subjectFor(last, { port }), abort.signal, () => {});
  expect(connections).toBe(1);
});

test('a file counts when it has appeared or changed since the start', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'probes-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const stale = join(cwd, 'stale.pid');
  writeFileSync(stale, '4194000');
  const both: Probe = {
    type: 'all',
    probes: [
      { type: 'file', path: 'stale.pid' },
      { type: 'file', path: 'new.pid' },
    ],
  };
  const subject = subjectFor(both, { cwd, filesBefore: noteFiles(both, cwd) });
  const lacked: string[] = [];
  const ready = untilReady(both, subject, new AbortController().signal, (answer) => {
    if (answer.ready || lacked.at(-1) === answer.why) return;
    lacked.push(answer.why);
    if (answer.why.includes('before the start')) writeFileSync(stale, '4194000');
    else if (answer.why.includes('new.pid')) writeFileSync(join(cwd, 'new.pid'), '');
  });
  expect(await ready).toBe(true);
  expect(lacked).toEqual([
    'the file stale.pid existed before the start, and has not been written since',
    'the file new.pid does not exist',
  ]);
});

describe('a server that answers, and is not ready yet', () => {
  const heard: ProbeAnswer = { ready: false, why: 'GET / on port 1 answered 503', isHeard: true };

  /** How often it is asked within so many milliseconds, where an answer takes no time. */
  function looksWithin(span: number, answer: ProbeAnswer): number {
    let count = 1;
    for (let waited = 0; waited < span; count += 1) waited += waitAfter(answer, waited);
    return count;
  }

  test('is asked some dozens of times a minute, and not forty times a second', () => {
    expect(looksWithin(30_000, heard)).toBeLessThan(150);
    expect(looksWithin(30_000, { ready: false, why: 'nobody listens' })).toBeGreaterThan(1000);
  });

  test('is found ready no later than by a tenth of what was waited, and half a second at most', () => {
    for (const waited of [0, 5, 10, 100, 1000, 5000, 60_000]) {
      const wait = waitAfter(heard, waited);
      expect(wait).toBeGreaterThanOrEqual(1);
      expect(wait).toBeLessThanOrEqual(Math.min(500, Math.max(1, waited / 10)));
    }
  });

  test('knows by their name who asks, and its log can be read without that', async () => {
    const lines: string[] = [];
    const port = await serve((request, response) => {
      const { remotePort } = request.socket;
      lines.push(
        `127.0.0.1 - - "GET /health HTTP/1.1" 503 - "-" "${request.headers['user-agent']}"`,
        `INFO:     127.0.0.1:${remotePort} - "GET /health HTTP/1.1" 503`,
        `{"level":30,"req":{"remotePort":${remotePort}},"msg":"incoming request"}`,
        'GET /health 503 1.2 ms',
        'GET /health failed: the database is locked',
        '10.0.0.7 - - "GET /users HTTP/1.1" 200 - "-" "curl"',
      );
      response.writeHead(503).end();
    });
    const exchanges = new Exchanges(clock, 'shakedown/0.1.0');
    expect(await exchanges.ask({ host: '127.0.0.1', port }, askFor('/health'))).toEqual({
      type: 'status',
      status: 503,
    });
    await exchanges.close(AbortSignal.abort());
    expect(lines[0]).toContain('"shakedown/0.1.0"');
    expect(exchanges.withoutOurs(lines)).toEqual(lines.slice(4));
    // Somebody else may ask for the same.
    expect(exchanges.withoutMarked(lines)).toEqual(lines.slice(3));
  });
});

describe('looks', () => {
  const command = { type: 'shell', line: 'check' } as const;
  const asking: Probe = { type: 'exec', command, timeout: ms(10) };

  test('are never closer than they take', async () => {
    const took: number[] = [];
    const gaps: number[] = [];
    let endedAt: number | undefined;
    const execute: ProbeSubject['execute'] = async () => {
      const startedAt = performance.now();
      if (endedAt !== undefined) gaps.push(startedAt - endedAt);
      await new Promise((resolve) => setTimeout(resolve, 60));
      endedAt = performance.now();
      took.push(endedAt - startedAt);
      return gaps.length === 3 ? { ready: true } : { ready: false, why: 'not yet' };
    };
    await whatLacked(asking, subjectFor(asking, { execute }));
    // A timer may be early by less than a millisecond.
    expect(gaps.map((gap, index) => gap >= (took[index] ?? 0) - 1)).toEqual([true, true, true]);
  });

  test('give a command that hangs twice as long each time', async () => {
    const limits: number[] = [];
    const execute: ProbeSubject['execute'] = async (_command, limit) => {
      limits.push(limit);
      if (limits.length === 2) return { ready: false, why: 'exited with code 1' };
      return limits.length === 5 ? { ready: true } : { ready: false, why: 'it hangs', isHung: true };
    };
    await whatLacked(asking, subjectFor(asking, { execute }));
    expect(limits).toEqual([10, 20, 20, 40, 80]);
  });

  test('that take long hold up no other', async () => {
    const said: Probe = { type: 'log', pattern: { type: 'text', text: 'listening' } };
    const probe: Probe = { type: 'any', probes: [asking, said] };
    const subject = subjectFor(probe, { execute: () => new Promise(() => {}) });
    const waiting = whatLacked(probe, subject);
    subject.scanner.push(Buffer.from('listening\n'));
    await waiting;
  });
});
