/** On a clock of our own, what is measured of WebSockets is arithmetic. Their server reads and writes frames with `ws`. */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LoadPlan, LoadResult } from '../../../../src/core/load.ts';
import { PERCENTILE_NAMES } from '../../../../src/core/load.ts';
import type { Receiver } from '../../../../src/load/engine/channel/framing.ts';
import { runLoad } from '../../../../src/load/engine/run.ts';
import * as sockets from '../../../../src/load/engine/socket.ts';
import { closed, forMs, forRequests, open, planFor } from '../plans.ts';
import { VirtualMachine } from '../virtual.ts';
import { agree, idle, talking } from './servers.ts';

vi.mock(import('../../../../src/load/engine/socket.ts'), async (original) => ({
  ...(await original()),
  connector: vi.fn(),
}));

const ws = createRequire(import.meta.url)('ws') as {
  readonly Receiver: new (options: { readonly isServer: boolean }) => Receiver;
  readonly Sender: {
    readonly frame: (data: Buffer, options: Readonly<Record<string, unknown>>) => Buffer[];
  };
};

/** What a server does with its sockets. */
interface Behaviour {
  /** When the nth message, from 0, which came at `now` on a socket, is answered; `reset`: the connection breaks. */
  readonly answers?: (index: number, now: number, socket: number) => number | 'reset';
  readonly opened?: (push: (text: string) => void, now: number) => void;
  /** How long it takes to open, in milliseconds. */
  readonly opens?: number;
}

let machine = new VirtualMachine();
beforeEach(() => {
  vi.restoreAllMocks();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** The end of a connection that the engine holds; what is written to it is at the server at once. */
class ServedSocket extends EventEmitter {
  readonly writableLength = 0;
  readonly #onWrite: (bytes: Buffer) => void;

  constructor(onWrite: (bytes: Buffer) => void) {
    super();
    this.#onWrite = onWrite;
    machine.at(machine.now, () => this.emit('connect'));
  }

  write(bytes: Buffer): void {
    this.#onWrite(bytes);
  }

  end(): void {}

  unref(): void {}

  destroy(): void {
    this.removeAllListeners();
  }
}

function serve({ answers = (_, now) => now, opened, opens = 0 }: Behaviour, seen: number[][]) {
  let count = 0;
  return (_plan: LoadPlan, buffer: Buffer) => (onBytes: (length: number) => void) => {
    const messages: number[] = [];
    const place = seen.push(messages) - 1;
    const receiver = new ws.Receiver({ isServer: true });
    const deliver = (bytes: Buffer): void => {
      bytes.copy(buffer);
      onBytes(bytes.length);
    };
    const push = (text: string): void =>
      deliver(Buffer.concat(ws.Sender.frame(Buffer.from(text), { fin: true, opcode: 1, mask: false })));
    let isOpen = false;
    const socket = new ServedSocket((bytes) => {
      if (isOpen) {
        receiver.write(bytes);
        return;
      }
      isOpen = true;
      machine.at(machine.now + opens, () => {
        deliver(Buffer.from(agree(bytes.toString())));
        opened?.(push, machine.now);
      });
    });
    receiver.on('message', (data) => {
      messages.push(machine.now);
      const at = answers(count, machine.now, place);
      count += 1;
      if (at === 'reset')
        machine.at(machine.now, () =>
          socket.emit('error', Object.assign(new Error(), { code: 'ECONNRESET' })),
        );
      else machine.at(at, () => push(`echo of ${data}`));
    });
    return socket;
  };
}

async function simulate(
  behaviour: Behaviour,
  more: Partial<LoadPlan>,
): Promise<{ readonly result: LoadResult; readonly seen: readonly (readonly number[])[] }> {
  const seen: number[][] = [];
  machine = new VirtualMachine();
  machine.install();
  vi.mocked(sockets.connector).mockImplementation(
    serve(behaviour, seen) as unknown as typeof sockets.connector,
  );
  const result = await machine.until(runLoad(planFor('http://127.0.0.1:1/', more), { version: '0' }));
  const { scheduled, completed, failed, timedOut, inFlightAtEnd, neverSent } = result.counts;
  expect(completed + failed + timedOut + inFlightAtEnd + neverSent).toBe(scheduled);
  return { result, seen };
}

/** Within the width of a bucket of the histogram and a few turns of the loop, of 10 microseconds each. */
function expectTime(measured: number | undefined, truthMs: number): void {
  expect(measured).toBeDefined();
  expect(Math.abs((measured ?? 0) - truthMs * 1000)).toBeLessThanOrEqual(truthMs + 50);
}

const BY_VALUE = { answer: { type: 'contains' as const, text: '<{{counter}}>' } };

describe('an echo that takes 200 ms', () => {
  const answers = (_: number, now: number): number => now + 200;

  test('at a rate: both clocks say so, and all connections take turns', async () => {
    const { result, seen } = await simulate(
      { answers },
      { ...talking('x'), model: open(100, 10), limit: forRequests(1000), pipelining: 1000 },
    );
    expect(result.counts).toMatchObject({ scheduled: 1000, completed: 1000 });
    // The first ones wait for a moment until their connections are open.
    for (const name of PERCENTILE_NAMES) expectTime(result.latencyUs.response?.[name], 200);
    for (const name of PERCENTILE_NAMES) expectTime(result.latencyUs.service?.[name], 200);
    expect(seen).toHaveLength(10);
    for (const messages of seen) expect(Math.abs(messages.length - 100)).toBeLessThanOrEqual(1);
    // Each is sent when it is due.
    const sent = seen.flat().sort((a, b) => a - b);
    for (const [index, at] of sent.entries())
      expect(Math.abs(at - (sent[0] ?? 0) - index * 10), `message ${index}`).toBeLessThanOrEqual(1);
  });

  test('in a closed loop: five a second on each connection', async () => {
    const { result } = await simulate(
      { answers },
      { ...talking('x'), model: closed(10), limit: forMs(10_000) },
    );
    expect(result.counts.completed).toBeGreaterThanOrEqual(490);
    expect(result.counts.completed).toBeLessThanOrEqual(500);
    for (const name of PERCENTILE_NAMES) expectTime(result.latencyUs.response?.[name], 200);
    // From an answer to the next.
    expectTime(result.channel?.gapUs?.p50, 200);
  });

  test('the time to open is apart from that of the messages', async () => {
    const { result } = await simulate(
      { answers, opens: 500 },
      { ...talking('x'), model: closed(4), limit: forRequests(40) },
    );
    expect(result.channel?.connectUs?.count).toBe(4);
    expectTime(result.channel?.connectUs?.max, 500);
    expectTime(result.latencyUs.response?.max, 200);
  });
});

describe('a server that stalls for a second', () => {
  const answers = (_: number, now: number): number => (now >= 5000 && now < 6000 ? 6000 : now);

  test('shows to every message that was due in it', async () => {
    const { result } = await simulate(
      { answers },
      { ...talking('<{{counter}}>', BY_VALUE), model: open(100, 5), limit: forMs(10_000), pipelining: 1000 },
    );
    // Of 1,000, the 100 that were due in the second waited for its end: for 5 ms, 15 ms, … 995 ms.
    expectTime(result.latencyUs.response?.max, 995);
    expectTime(result.latencyUs.response?.p95, 495);
    expect(result.latencyUs.response?.p75).toBeLessThan(200);
    // The longest gap is that of a connection: its last answer came a turn of five before.
    expect(result.channel?.gapUs?.max).toBeGreaterThanOrEqual(990_000);
    expect(result.channel?.gapUs?.max).toBeLessThanOrEqual(1_060_000);
  });

  test('shows on one clock only, where each waits for the answer to the one before', async () => {
    const { result } = await simulate(
      { answers },
      { ...talking('x'), model: open(100, 1), limit: forMs(10_000), pipelining: 1 },
    );
    expectTime(result.latencyUs.response?.max, 995);
    expectTime(result.latencyUs.response?.p95, 495);
    expect(result.latencyUs.service?.p99).toBeLessThan(1000);
  });
});

test('of several messages that an answer might belong to, it belongs to the one with the longest value', async () => {
  // The later it was sent the sooner it is answered, so that 10 is answered while 1 is under way.
  const { result } = await simulate(
    { answers: (index, now) => now + (20 - index) * 10 },
    {
      ...talking('{{counter}}', { answer: { type: 'contains', text: '{{counter}}' } }),
      model: open(1000, 1),
      limit: forRequests(20),
      pipelining: 1000,
    },
  );
  expect(result.counts.completed).toBe(20);
  expectTime(result.latencyUs.service?.min, 10);
  expectTime(result.latencyUs.service?.max, 200);
  expectTime(result.latencyUs.service?.mean, 105);
});

test('connections that break lose what is under way on them and are opened again; the counts add up', async () => {
  const { result, seen } = await simulate(
    { answers: (index, now) => (index % 50 === 49 ? 'reset' : now + 100) },
    {
      ...talking('<{{counter}}>', BY_VALUE),
      model: open(200, 4),
      limit: forRequests(1000),
      pipelining: 1000,
    },
  );
  const { counts, channel } = result;
  expect(counts.scheduled).toBe(1000);
  expect(counts.failed).toBe(counts.byFailure['cut-off']);
  expect(counts.failed).toBeGreaterThan(20);
  expect(counts.completed + counts.failed).toBe(1000);
  expect(channel).toMatchObject({ lost: 20, opened: seen.length, closes: { 1006: 20 }, openAtEnd: 4 });
  expect(seen.length).toBe(24);
  // What was lost was sent as well.
  expect(seen.flat()).toHaveLength(1000);
});

test('what a server pushes every 100 ms comes in gaps of 100 ms, and its silence until the end is one as well', async () => {
  const { result } = await simulate(
    {
      opened: (push, now) => {
        for (let n = 1; n <= 20; n += 1) machine.at(now + n * 100, () => push('news'));
      },
    },
    { ...idle, model: closed(3), limit: forMs(5000) },
  );
  const { channel } = result;
  expect(channel).toMatchObject({ opened: 3, received: 60, unasked: 60 });
  // 19 on each; of the silences, the first to be found was as long as the others.
  expect(channel?.gapUs?.count).toBe(58);
  expectTime(channel?.gapUs?.p90, 100);
  expect(channel?.gapUs?.max).toBeGreaterThan(2_990_000);
  expect(channel?.gapUs?.max).toBeLessThanOrEqual(3_003_000);
});
