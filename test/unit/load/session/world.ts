/** Users on a virtual clock, against a server that reads each request and answers as a test says. */
import { EventEmitter } from 'node:events';
import { vi } from 'vitest';
import type { LoadPlan, LoadRequest, LoadResult } from '../../../../src/core/load.ts';
import type { LoadCapture, LoadScenario, LoadStep } from '../../../../src/core/load-scenario.ts';
import { ms } from '../../../../src/core/units.ts';
import { runLoad } from '../../../../src/load/engine/run.ts';
import * as sockets from '../../../../src/load/engine/socket.ts';
import { get, planFor } from '../plans.ts';
import { VirtualMachine } from '../virtual.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** When it came, in milliseconds. */
  readonly at: number;
  readonly connection: number;
}

export interface Reply {
  /** Milliseconds until the answer; undefined: there is none. */
  readonly after: number | undefined;
  readonly answer: string;
  readonly isReset?: boolean;
}

export type Server = (asked: Asked) => Reply;

export const answer = (status: number, body: unknown, headers: readonly string[] = [], after = 1): Reply => {
  const content = typeof body === 'string' ? body : JSON.stringify(body);
  const lines = [`HTTP/1.1 ${status} Text`, `Content-Length: ${Buffer.byteLength(content)}`, ...headers];
  return { after, answer: `${lines.join('\r\n')}\r\n\r\n${content}` };
};
export const silence: Reply = { after: undefined, answer: '' };
export const reset: Reply = { after: 0, answer: '', isReset: true };

function read(bytes: Buffer, at: number, connection: number): Asked {
  const [head = '', body = ''] = bytes.toString('latin1').split('\r\n\r\n');
  const [line = '', ...rest] = head.split('\r\n');
  const [method = '', path = ''] = line.split(' ');
  const headers = Object.fromEntries(
    rest.map((each) => [each.slice(0, each.indexOf(':')).toLowerCase(), each.slice(each.indexOf(':') + 2)]),
  );
  return { method, path, headers, body, at, connection };
}

class SpeakingSocket extends EventEmitter {
  readonly #machine: VirtualMachine;
  readonly #serve: (bytes: Buffer) => Reply;
  readonly #onAnswer: (answer: Buffer) => void;
  #isGone = false;

  constructor(machine: VirtualMachine, serve: (bytes: Buffer) => Reply, onAnswer: (answer: Buffer) => void) {
    super();
    this.#machine = machine;
    this.#serve = serve;
    this.#onAnswer = onAnswer;
    machine.at(machine.now, () => this.emit('connect'));
  }

  write(bytes: Buffer): void {
    const { after, answer: said, isReset } = this.#serve(bytes);
    if (after === undefined) return;
    this.#machine.at(this.#machine.now + after, () => {
      if (this.#isGone) return;
      if (isReset === true) this.emit('error', Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
      else this.#onAnswer(Buffer.from(said, 'latin1'));
    });
  }

  end(): void {
    this.#machine.at(this.#machine.now, () => this.emit('end'));
  }

  destroy(): void {
    this.#isGone = true;
  }
}

export interface Seen {
  readonly result: LoadResult;
  readonly asked: readonly Asked[];
}

/** Call in a file that mocks `socket.ts`. */
export async function simulate(server: Server, more: Partial<LoadPlan>, signal?: AbortSignal): Promise<Seen> {
  const machine = new VirtualMachine();
  machine.install();
  const asked: Asked[] = [];
  let connections = 0;
  const connect = (_plan: LoadPlan, buffer: Buffer) => (onBytes: (length: number) => void) => {
    connections += 1;
    const connection = connections;
    return new SpeakingSocket(
      machine,
      (bytes) => {
        const one = read(bytes, machine.now, connection);
        asked.push(one);
        return server(one);
      },
      (bytes) => {
        bytes.copy(buffer);
        onBytes(bytes.length);
      },
    );
  };
  vi.mocked(sockets.connector).mockImplementation(connect as unknown as typeof sockets.connector);
  const host = { version: '0', ...(signal === undefined ? {} : { signal }) };
  const result = await machine.until(runLoad(planFor('http://127.0.0.1:1/', more), host));
  vi.unstubAllGlobals();
  const { iterations } = result;
  if (iterations !== null) {
    const { scheduled, completed, failed, inFlightAtEnd, neverStarted } = iterations;
    if (scheduled !== completed + failed + inFlightAtEnd + neverStarted)
      throw new Error(`the iterations do not add up: ${JSON.stringify(iterations)}`);
  }
  return { result, asked };
}

/** A request, and what a step says beside it. */
export interface StepOf {
  readonly request: LoadRequest;
  readonly think: readonly [number, number];
}

export interface Saying {
  readonly method?: string;
  readonly headers?: LoadRequest['headers'];
  readonly body?: LoadRequest['body'];
  readonly captures?: readonly LoadCapture[];
  readonly checks?: LoadRequest['checks'];
  readonly weight?: number;
  readonly think?: readonly [number, number];
  readonly name?: string;
}

export const step = (path: string, { think = [0, 0], ...more }: Saying = {}): StepOf => ({
  request: { ...get(path), ...more },
  think,
});

export const json = (name: string, ...path: (string | number)[]): LoadCapture => ({
  name,
  from: { type: 'json', path },
});

interface Doing {
  readonly users?: number;
  readonly before?: readonly StepOf[];
  readonly steps: readonly StepOf[];
  readonly onStatus?: Readonly<Record<number, readonly StepOf[]>>;
  readonly order?: LoadScenario['order'];
}

/** The part of a plan that says what users do. */
export function doing({ users = 1, before = [], steps, onStatus = {}, order = 'sequence' }: Doing) {
  const requests: LoadRequest[] = [];
  const placed = (list: readonly StepOf[]): LoadStep[] =>
    list.map(({ request, think: [from, to] }) => ({
      request: requests.push(request) - 1,
      think: [ms(from), ms(to)],
    }));
  const scenario: LoadScenario = {
    users,
    before: placed(before),
    order,
    steps: placed(steps),
    onStatus: Object.entries(onStatus).map(([status, list]) => ({
      status: Number(status),
      steps: placed(list),
    })),
  };
  return { scenario, requests: requests as unknown as LoadPlan['requests'] };
}
