/** A service from its start to its end, with a fake in place of its processes; mostly it has no port, so nobody has to listen. */

import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import type { Result } from '../../../src/core/result.ts';
import type { Probe, Service } from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';
import type { ProbeAnswer } from '../../../src/process/probes/answer.ts';
import { NamedPort } from '../../../src/process/service/named-port.ts';
import { looksAtOwnPort, mentionsOwnPort } from '../../../src/process/service/own-port.ts';
import { RunningService } from '../../../src/process/service/service.ts';
import { hasProcessTable, readProcess } from '../../../src/process/system/proc.ts';
import { FakeAttempt } from '../../rig/fake-context.ts';
import type { FakeCommand } from '../../rig/fake-processes.ts';
import { serviceSpec } from '../../rig/service-spec.ts';

const READY = { type: 'log', pattern: { type: 'text', text: 'listening' } } as const;
const OWNER = 'try.1';

let attempt: FakeAttempt;
let started: Promise<Result<RunningService, Finding>>;
let server: FakeCommand;
/** How it came out, as soon as it has. */
let settled: Result<RunningService, Finding> | undefined;
beforeEach(() => {
  attempt = new FakeAttempt();
  settled = undefined;
});

async function start(more: Partial<Service> = {}): Promise<void> {
  started = RunningService.start(serviceSpec({ port: null, ready: READY, ...more }), attempt.context);
  void started.then((result) => {
    settled = result;
  });
  server = await attempt.processes.started(OWNER);
}

async function ready(more: Partial<Service> = {}): Promise<RunningService> {
  await start(more);
  server.print('listening\n');
  const result = await started;
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

async function failure(): Promise<Finding> {
  const result = await started;
  if (result.ok) throw new Error('it is ready');
  return result.error;
}

const { time, clock, owner } = {
  time: () => attempt.processes.time,
  clock: () => attempt.processes.clock,
  owner: (id = OWNER) => attempt.processes.owner(id),
};

describe('a service that is started', () => {
  test.runIf(hasProcessTable)('is not ready when another program answers at its socket', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'shakedown-socket-'));
    onTestFinished(() => rmSync(cwd, { recursive: true }));
    await start({ cwd, ready: { type: 'unix', path: 'app.sock' } });
    const other = createServer().listen(join(cwd, 'app.sock'));
    onTestFinished(() => void other.close());
    expect(await failure()).toMatchObject({
      ...{ code: 'foreign-listener', holder: { pid: process.pid } },
      // It may be another service of the same run.
      hint: expect.stringContaining('what answers does not belong to it; stop'),
    });
  });

  test('is not started when it is to be asked at an address of another machine', async () => {
    const ready = { type: 'port', host: '192.0.2.1' } as const;
    const refused = await RunningService.start(serviceSpec({ port: 1, ready }), attempt.context);
    expect(refused).toMatchObject({ ok: false, error: { code: 'not-ready', waitedMs: 0 } });
    expect(attempt.processes.open).toEqual([]);
  });

  test('is ready when its probe says so, and it is known after how long', async () => {
    await start();
    time().pass(300);
    server.print('listening\n');
    const result = await started;
    expect(result).toMatchObject({ ok: true, value: { pid: server.pid, port: null, readyAfterMs: 300 } });
    expect(attempt.processes.open).toEqual([OWNER]);
  });

  test('is late at the very moment of its deadline', async () => {
    await start();
    server.print('one moment\n');
    time().pass(999);
    await attempt.processes.started(OWNER);
    expect(settled).toBeUndefined();
    time().pass(1);
    expect(await failure()).toMatchObject({
      code: 'not-ready',
      message: expect.stringContaining('server was not ready within 1.00 s: '),
      evidence: ['one moment'],
      waitedMs: 1000,
    });
    expect(owner().ending).toEqual({ grace: 1000, manner: { signal: 'SIGTERM' }, at: time().now() });
  });

  test('is not late by the time for which the run is stopped (Ctrl-Z)', async () => {
    await start();
    time().pass(500);
    clock().suspend();
    time().pass(3_600_000);
    clock().resume();
    time().pass(499);
    server.print('listening\n');
    expect(await started).toMatchObject({ ok: true, value: { readyAfterMs: 999 } });
  });

  test('is stopped with the component', async () => {
    await start();
    time().pass(250);
    attempt.abort({ type: 'interrupted', signal: 'SIGINT' });
    expect(await failure()).toMatchObject({
      code: 'not-ready',
      message: expect.stringContaining('server was stopped before it was ready: '),
      waitedMs: 250,
    });
    expect(owner().ending).toMatchObject({ grace: 1000 });
  });

  test('dies early, with its own last words and its exit code', async () => {
    await start();
    time().pass(70);
    server.print('Error: no database\n');
    server.finish(1);
    expect(await failure()).toMatchObject({
      code: 'not-ready',
      message: 'server exited with code 1 before it was ready: Error: no database',
      waitedMs: 70,
    });
    // There is nothing left that could be asked to end.
    expect(owner().ending).toMatchObject({ grace: 0 });
  });

  test('holds its output back: that is seen when it is ended', async () => {
    await start();
    server.onEnd = () => {
      server.print('listening\n');
      server.finish(0);
    };
    time().pass(1000);
    expect(await failure()).toMatchObject({
      code: 'not-ready',
      hint: expect.stringContaining('it printed the line only when it was stopped'),
    });
  });

  test('and cannot be started, has left nobody', async () => {
    attempt.processes.refusals.set(OWNER, { message: 'there is no ./server', hint: 'make it' });
    started = RunningService.start(serviceSpec({ port: null, ready: READY }), attempt.context);
    expect(await failure()).toMatchObject({ code: 'cannot-start', message: 'there is no ./server' });
    expect(attempt.processes.open).toEqual([]);
  });
});

describe.runIf(hasProcessTable)('one that has a port, and a condition that does not look at it', () => {
  let port = 0;
  /** What has been said of its wait. */
  let waits: string[];

  /** Its condition holds, and nobody listens. */
  async function holding(readyTimeout: number): Promise<void> {
    waits = [];
    const context = {
      ...attempt.context,
      onSpawned: (picked: number | null) => {
        port = picked ?? 0;
      },
      onWait: (message: string) => waits.push(message),
    };
    const spec = serviceSpec({ port: 0, ready: READY, readyTimeout: ms(readyTimeout) });
    started = RunningService.start(spec, context);
    void started.then((result) => {
      settled = result;
    });
    server = await attempt.processes.started(OWNER);
    server.print('listening\n');
    while (waits.length === 0 && settled === undefined) {
      time().pass(1000);
      await setImmediate();
    }
  }

  test.for(['TCP', 'UDP'] as const)('is ready once something listens there by %s', async (protocol) => {
    await holding(1_000_000_000);
    expect(waits).toEqual([
      expect.stringMatching(
        /^server is not ready after .*: nothing listens on port \d+, although its `ready` holds$/,
      ),
    ]);
    owner().members = () => [readProcess(process.pid) ?? []].flat();
    const socket = protocol === 'TCP' ? createServer().listen(port) : createSocket('udp4').bind(port);
    onTestFinished(() => void socket.close());
    expect(await started).toMatchObject({ ok: true, value: { port } });
  });

  test('is late if nothing ever does, and told that the port may be one too many', async () => {
    await holding(1_000_000_000);
    time().pass(1_000_000_000);
    expect(await failure()).toMatchObject({
      code: 'not-ready',
      message: expect.stringMatching(/: nothing listens on port \d+$/),
      hint: 'its `ready` holds; leave out `port` if server listens on none',
    });
  });

  test('in a container, is asked whether it listens there', async () => {
    const answers = [{ ready: false, why: 'not yet' }, { ready: true }] as const;
    const listens = async (): Promise<ProbeAnswer> => answers[0];
    const look = looksAtOwnPort(1, { isOnHost: false, listens });
    expect(await look()).toEqual({ ready: false, why: 'not yet', isUnused: true });
    expect(await looksAtOwnPort(1, { isOnHost: false, listens: async () => answers[1] })()).toEqual(
      answers[1],
    );
  });

  test.for<[Probe, boolean]>([
    [{ type: 'port' }, true],
    [{ type: 'port', port: 80 }, false],
    [{ type: 'grpc', service: '', timeout: ms(1) }, true],
    [READY, false],
    [{ type: 'all', probes: [READY, { type: 'port' }] }, true],
    [{ type: 'any', probes: [READY, { type: 'port' }] }, true],
  ])('%j has looked at it: %s', ([probe, hasLooked]) => {
    expect(mentionsOwnPort(probe)).toBe(hasLooked);
  });
});

describe('one that ended well before it was ready', () => {
  const early = async (more: Partial<Service> = {}): Promise<FakeCommand> => {
    await start(more);
    time().pass(20);
    server.finish(0);
    return attempt.processes.started(`${OWNER}/input`);
  };

  test('is tried again with an input, and ends with that', async () => {
    const again = await early();
    expect(again.options.input).toBe('open');
    time().pass(3000);
    await attempt.processes.started(`${OWNER}/input`);
    expect(again.isInputEnded).toBe(true);
    again.finish(0);
    expect(await failure()).toMatchObject({
      hint: expect.stringContaining('it exits when its input ends, and a service gets none'),
    });
    expect(attempt.processes.open).toEqual([]);
  });

  test('ends by itself as before: it has done its work', async () => {
    const again = await early();
    again.finish(0);
    expect(await failure()).toMatchObject({ hint: expect.stringContaining('has done its work and exited') });
    expect(attempt.processes.open).toEqual([]);
  });
});

test('one that ended well, but too late to be tried again with an input, may have waited for its end', async () => {
  started = RunningService.start(
    serviceSpec({ port: null, ready: READY, readyTimeout: ms(20_000) }),
    attempt.context,
  );
  server = await attempt.processes.started(OWNER);
  time().pass(5001);
  server.finish(0);
  expect(await failure()).toMatchObject({ hint: expect.stringMatching(/has done its work.*stdin: 'open'$/) });
});

describe('one that picks its port and names it', () => {
  const NAMED = {
    port: { log: { type: 'regex', source: 'serving on .*:(\\w*)', flags: '' } },
    ready: { type: 'log', pattern: { type: 'text', text: 'ready' } },
  } as const;

  test.for([
    ['', undefined, 'its output does not contain /serving on .*:(\\w*)/'],
    ['serving on x:80', undefined, 'its output does not contain'],
    [
      'serving on x:http\n',
      undefined,
      'the first group of /serving on .*:(\\w*)/ matched "http", which is no port',
    ],
    ['serving on x:\nserving on x:0\n', undefined, 'matched "0", which is no port'],
    ['serving on x:65536\n', undefined, 'matched "65536", which is no port'],
    ['serving on x:\u001b[1m8080\u001b[0m\nserving on x:9090\n', 8080, ''],
  ] as const)('reads whole lines: %j', ([text, port, lacking]) => {
    const named = new NamedPort(NAMED.port);
    new OutputScanner([named.watch]).push(Buffer.from(text));
    expect(named.port).toBe(port);
    expect(port === undefined ? named.lacking : '').toContain(lacking);
  });

  test('is not ready before that, whatever else it prints', async () => {
    await start(NAMED);
    server.print('ready\n');
    time().pass(1000);
    expect(await failure()).toMatchObject({
      code: 'not-ready',
      message: expect.stringContaining('server was not ready within 1.00 s: it'),
    });
  });

  test('gets no $PORT', async () => {
    await start(NAMED);
    expect(server.options.env).not.toHaveProperty('PORT');
    server.finish(1);
    await failure();
  });
});

describe('a daemon', () => {
  const DAEMON = { daemon: true, foreground: { type: 'argv', argv: ['./server', '-f'] } } as const;
  const child = { pid: 9, command: 'serverd', ageMs: 1 };

  test('lives on when its launcher has ended', async () => {
    await start(DAEMON);
    owner().left = [child];
    server.finish(0);
    server.print('listening\n');
    expect(await started).toMatchObject({ ok: true });
  });

  test('that ends early and cannot be started in the foreground: why not', async () => {
    await start(DAEMON);
    attempt.processes.refusals.set(`${OWNER}/foreground`, { message: 'there is no ./server', hint: '' });
    server.finish(0);
    expect((await failure()).hint).toBe(
      "a daemon's output is discarded, and it could not be started in the foreground: there is no ./server",
    );
    expect(attempt.processes.open).toEqual([]);
  });

  test('that ends early, and of which nobody knows how it runs in the foreground: to say so', async () => {
    await start({ daemon: true, foreground: null });
    server.finish(0);
    expect((await failure()).hint).toMatch(
      /^a daemon's output is discarded; give the command .*, as in foreground: '.\/server'/,
    );
  });

  test.for([
    ['./http', "a daemon's output is discarded; `shakedown --foreground` shows it"],
    ['./app', "a daemon's output is discarded; `shakedown --foreground` shows it"],
  ] as const)('that dies in silence while it is in use: how to hear it, %s', async ([program, hint]) => {
    await start({
      daemon: true,
      command: { type: 'argv', argv: [program, '--daemon'] },
      foreground: { type: 'argv', argv: [program] },
    });
    owner().left = [child];
    server.finish(0);
    server.print('listening\n');
    const begun = await started;
    if (!begun.ok) throw new Error(begun.error.message);
    expect(await begun.value.explainDeath({ exit: null, afterReadyMs: 1 })).toMatchObject({ hint });
  });

  test('that is not ready in time and says nothing: how to hear it', async () => {
    await start({ ...DAEMON, port: null, ready: { type: 'log', pattern: { type: 'text', text: 'up' } } });
    owner().left = [child];
    server.finish(0);
    time().pass(60_000);
    expect(await failure()).toMatchObject({
      message: expect.stringContaining('server was not ready within'),
      hint: "a daemon's output is discarded; `shakedown --foreground` shows it",
    });
  });

  test.for(['its words', 'nothing, for it stays up'])(
    'that ends early is run again in the foreground: %s',
    async (what) => {
      await start(DAEMON);
      server.finish(0);
      const again = await attempt.processes.started(`${OWNER}/foreground`);
      if (what === 'its words') {
        again.print('fatal: no such user\n');
        again.finish(1);
      } else time().pass(3000);
      const finding = await failure();
      if (what === 'its words')
        expect(finding).toMatchObject({
          message: 'server ended before it was ready: fatal: no such user',
          hint: expect.stringContaining(
            'these lines are from running it again in the foreground: ./server -f',
          ),
        });
      else expect(finding.hint).toContain('run again in the foreground (./server -f) it stayed up');
      expect(owner(`${OWNER}/foreground`).ending).toMatchObject({ grace: 500 });
      expect(attempt.processes.open).toEqual([]);
    },
  );

  test('that ends early is not run again when somebody interrupts', async () => {
    await start(DAEMON);
    // Where all stood is asked for when it has been seen to end.
    Object.assign(attempt.context, {
      snapshot: async () => attempt.abort({ type: 'interrupted', signal: 'SIGINT' }),
    });
    server.finish(0);
    expect(await failure()).toMatchObject({ message: 'server ended before it was ready' });
    expect([...attempt.processes.owners.keys()]).toEqual([OWNER]);
  });
});

describe('one that is ready', () => {
  test('and dies is the cause, with the time since then', async () => {
    const service = await ready();
    time().pass(4200);
    server.print('RangeError: too much\n');
    server.finish(null, 'SIGSEGV');
    const death = await service.died;
    expect(death).toEqual({ exit: { code: null, signal: 'SIGSEGV' }, afterReadyMs: 4200 });
    expect(await service.explainDeath(death)).toMatchObject({
      code: 'service-died',
      message:
        /was killed by SIGSEGV .* while it was in use, 4.20 s after it was ready: RangeError: too much/,
      signal: 'SIGSEGV',
    });
  });

  test('has not died while it lives: a crash gets the time that it is given, and no more', async () => {
    const service = await ready();
    let answer: unknown = 'none yet';
    void service.hasDied(150).then((found) => {
      answer = found;
    });
    time().pass(149);
    await attempt.processes.started(OWNER);
    expect(answer).toBe('none yet');
    time().pass(1);
    await expect.poll(() => answer).toBeUndefined();
  });

  test('is stopped as it wants to be, and that is no death', async () => {
    const service = await ready({ stop: { signal: 'SIGINT', command: null, to: null } });
    let isDead = false;
    void service.died.then(() => {
      isDead = true;
    });
    expect(await service.stop()).toEqual([]);
    expect(owner().ending).toMatchObject({ grace: 1000, manner: { signal: 'SIGINT', first: server.pid } });
    await attempt.processes.started(OWNER);
    expect(isDead).toBe(false);
  });

  test.for(['leader', 'all'] as const)('with a signal to %s of its processes', async (to) => {
    const service = await ready({ stop: { signal: 'SIGINT', command: null, to } });
    expect(await service.stop()).toEqual([]);
    expect(owner().ending).toMatchObject({ manner: { signal: 'SIGINT', first: server.pid, to } });
  });

  test('with its input closed first, if it was left open; then it has half of its grace before the signal', async () => {
    const service = await ready({ stdin: 'open' });
    expect(server.options.input).toBe('open');
    expect(server.isInputEnded).toBe(false);
    let patience = 0;
    let wasEnded = false;
    owner().untilEnded = async (given?: number) => {
      [patience, wasEnded] = [given ?? 0, server.isInputEnded];
      time().pass(400);
    };
    expect(await service.stop()).toEqual([]);
    expect([patience, wasEnded]).toEqual([500, true]);
    expect(owner().ending).toMatchObject({ grace: 600 });
  });

  test('and does not end in time is told to have been killed', async () => {
    const service = await ready();
    owner().killed = [{ pid: server.pid, command: './server', ageMs: 1 }];
    expect(await service.stop()).toMatchObject([
      { code: 'killed', message: 'server did not exit within 1.00 s after SIGTERM and was killed' },
    ]);
  });

  test('is not ended before it is known where all stood', async () => {
    const service = await ready();
    let tell = (): void => {};
    attempt.snapshot = new Promise((resolve) => {
      tell = () => resolve(undefined);
    });
    const stopping = service.stop();
    await attempt.processes.started(OWNER);
    expect(owner().ending).toBeUndefined();
    tell();
    expect(await stopping).toEqual([]);
  });
});

describe('one with a command that has it end', () => {
  const STOP = {
    stop: { signal: 'SIGTERM', command: { type: 'argv', argv: ['./stop'] }, to: null },
  } as const;
  const stop = async (): Promise<{ stopping: Promise<Finding[]>; command: FakeCommand }> => {
    const service = await ready(STOP);
    const stopping = service.stop();
    return { stopping, command: await attempt.processes.started(`${OWNER}/stop`) };
  };

  test('is ended by that', async () => {
    const { stopping, command } = await stop();
    server.finish(0);
    command.finish(0);
    expect(await stopping).toEqual([]);
    expect(owner(`${OWNER}/stop`).ending).toMatchObject({ grace: 0 });
  });

  test('which hangs: after half of the grace it is ended itself, and what is left is for a signal', async () => {
    const { stopping, command } = await stop();
    time().pass(499);
    await attempt.processes.started(OWNER);
    expect(owner(`${OWNER}/stop`).ending).toBeUndefined();
    time().pass(1);
    expect(await stopping).toMatchObject([
      { code: 'stop-failed', message: expect.stringContaining('it did not exit within 500 ms') },
    ]);
    expect(command.exit()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(owner(`${OWNER}/stop`).ending).toMatchObject({ grace: 500 });
    expect(owner().ending).toMatchObject({ grace: 500 });
  });

  test('which fails is told with its words', async () => {
    const { stopping, command } = await stop();
    command.print('Error: which server?\n');
    command.finish(2);
    expect(await stopping).toMatchObject([
      { code: 'stop-failed', message: /it exited with code 2: Error: which server\?/ },
    ]);
  });
});
