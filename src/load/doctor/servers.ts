/**
 * Servers with known behaviour, each at its own path. They run in a separate process, so that the generator cannot
 * delay them, and record what they really did: the truth that the measurement is compared with.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Behaviour, FromServers, ToServers, Truth } from './truth.ts';

const FIXED_DELAY = 20;
const SHORT_DELAY = 5;
const LONG_DELAY = 50;
const STALL = 1000;
/** The request that stalls. */
const STALL_AT = 300;
const DRIPS = 10;
const DRIP_EVERY = 10;
/** One request in this many fails. */
const FAULT_EVERY = 10;

class Record {
  readonly arrivedAt: number[] = [];
  readonly tookMs: number[] = [];
  readonly answeredAt: number[] = [];
  faults = 0;

  get truth(): Truth {
    const { arrivedAt, tookMs, answeredAt, faults } = this;
    return { arrivedAt, tookMs, answeredAt, faults };
  }
}

type Serve = (number: number, response: ServerResponse, record: Record) => void;

const isFaulty = (number: number): boolean => number % FAULT_EVERY === 0;

function drip(response: ServerResponse, left: number): void {
  if (left === 0) response.end();
  else {
    response.write('.');
    setTimeout(() => drip(response, left - 1), DRIP_EVERY);
  }
}

/** Answers a request by its number, from 1. */
const SERVE: Readonly<{ [B in Behaviour]: Serve }> = {
  fixed: (_, response) => setTimeout(() => response.end('ok'), FIXED_DELAY),
  alternating: (number, response) =>
    setTimeout(() => response.end('ok'), number % 2 === 1 ? SHORT_DELAY : LONG_DELAY),
  stall: (number, response) => {
    if (number === STALL_AT) setTimeout(() => response.end('ok'), STALL);
    else response.end('ok');
  },
  drip: (_, response) => drip(response, DRIPS),
  resets: (number, response, record) => {
    if (!isFaulty(number)) return response.end('ok');
    record.faults += 1;
    return response.socket?.resetAndDestroy();
  },
  truncated: (number, response, record) => {
    if (!isFaulty(number)) return response.end('ok');
    record.faults += 1;
    response.writeHead(200, { 'content-length': 10 });
    return response.write('half', () => response.socket?.end());
  },
  errors: (number, response, record) => {
    if (isFaulty(number)) {
      record.faults += 1;
      response.statusCode = 503;
    }
    response.end('ok');
  },
};

const records = new Map<Behaviour, Record>();

function recordOf(behaviour: Behaviour): Record {
  const record = records.get(behaviour) ?? new Record();
  records.set(behaviour, record);
  return record;
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const from = performance.now();
  const behaviour = (request.url ?? '').slice(1) as Behaviour;
  const record = recordOf(behaviour);
  record.arrivedAt.push(from);
  response.on('finish', () => {
    record.tookMs.push(performance.now() - from);
    record.answeredAt.push(performance.now());
  });
  SERVE[behaviour](record.arrivedAt.length, response, record);
}

const tell = (message: FromServers): void => {
  process.send?.(message);
};

const server = createServer({ noDelay: true }, answer);
server.listen(0, '127.0.0.1', () => tell({ type: 'ready', port: (server.address() as AddressInfo).port }));
process.on('message', ({ behaviour }: ToServers) =>
  tell({ type: 'truth', truth: recordOf(behaviour).truth }),
);
// The parent is gone.
process.on('disconnect', () => process.exit());
