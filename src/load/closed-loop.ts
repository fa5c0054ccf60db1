/** A closed loop of requests: each connection sends its next request when the last one was answered. */
import { setMaxListeners } from 'node:events';
import { Agent, request } from 'node:http';
import { clock } from '../domain/clock.ts';
import { showPattern, toRegExp } from '../domain/pattern.ts';
import type { LoadClient } from '../domain/suite.ts';

export interface LoadCounts {
  /** Whole responses that passed every check. */
  completed: number;
  /** Responses that failed a check, resets, refusals and timeouts. */
  failed: number;
  /** The first few failures, each told by itself. */
  readonly examples: string[];
}

const EXAMPLES = 5;
/** More of a body than this is never kept; checks see its beginning. */
const LONGEST_BODY = 1024 * 1024;
/** A server that refuses everything is not to be asked as fast as it can refuse. */
const AFTER_FAILURES = 1000;

type Answer = { readonly status: number; readonly body: string } | { readonly error: string };

/** Where a server accepts connections. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

function send(load: LoadClient, { host, port }: Target, agent: Agent, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    const sent = request(
      {
        host,
        port,
        path: load.path,
        method: load.method,
        headers: { host: `localhost:${port}`, ...load.headers },
        agent,
        signal,
      },
      (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          if (length < LONGEST_BODY) chunks.push(chunk);
          length += chunk.length;
        });
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
        response.once('error', (error) => resolve({ error: `the response was cut off (${error.message})` }));
        response.once('aborted', () =>
          resolve({ error: 'the connection was closed in the middle of the response' }),
        );
      },
    );
    // Not the timeout of the socket: a server that was stopped together with us has not been slow.
    const disarm = clock.after(load.timeout, () => {
      resolve({ error: `no answer within ${load.timeout} ms` });
      sent.destroy();
    });
    sent.once('close', disarm);
    sent.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ error: `no answer (${error.code ?? error.message})` }),
    );
    sent.end(load.body ?? undefined);
  });
}

function complaint(answer: Answer, load: LoadClient): string | undefined {
  const what = `${load.method} ${load.path}`;
  if ('error' in answer) return `${what}: ${answer.error}`;
  const { status, body } = load.expect;
  if (answer.status < status.from || answer.status > status.to) {
    const wanted = status.from === status.to ? `${status.from}` : `${status.from}–${status.to}`;
    return `${what} answered ${answer.status}, expected ${wanted}`;
  }
  if (body !== null && !toRegExp(body).test(answer.body))
    return `${what} answered a body without ${showPattern(body)}`;
  return undefined;
}

/**
 * Sends requests to a server on this machine until the limit is reached, and checks every response.
 *
 * @param signal ends it early; requests that are under way then are not counted
 */
export async function sendLoad(load: LoadClient, target: Target, signal: AbortSignal): Promise<LoadCounts> {
  const counts: LoadCounts = { completed: 0, failed: 0, examples: [] };
  // As many requests listen to it as there are connections: Node would take more than ten for a leak.
  const ended = AbortSignal.any([signal]);
  setMaxListeners(0, ended);
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const deadline =
    load.limit.type === 'duration' ? clock.now() + load.limit.duration : Number.POSITIVE_INFINITY;
  let left = load.limit.type === 'requests' ? load.limit.requests : Number.POSITIVE_INFINITY;
  const goOn = (): boolean =>
    left > 0 && clock.now() < deadline && !signal.aborted && counts.failed < AFTER_FAILURES;
  const connection = async (): Promise<void> => {
    while (goOn()) {
      left -= 1;
      const answer = await send(load, target, agent, ended);
      if (signal.aborted) return;
      const wrong = complaint(answer, load);
      if (wrong === undefined) counts.completed += 1;
      else {
        counts.failed += 1;
        if (counts.examples.length < EXAMPLES && !counts.examples.includes(wrong))
          counts.examples.push(wrong);
      }
    }
  };
  await Promise.all(Array.from({ length: load.connections }, connection));
  agent.destroy();
  return counts;
}
