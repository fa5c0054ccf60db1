import { connect } from 'node:net';
import type { StatusRange } from '../../domain/suite.ts';
import type { ProbeAnswer } from './answer.ts';

/** A server that holds a connection this long without an answer is asked anew: it may have lost this one. */
const ANSWER_WITHIN = 1000;
/** A status line is short; whoever sends this much without one does not speak HTTP. */
const LONGEST_HEAD = 4096;

/** Asks one address. Reads no further than the status line. */
function ask(
  host: string,
  port: number,
  path: string,
  signal: AbortSignal,
  onAsked?: () => void,
): Promise<number | string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let head = '';
    const finish = (answer: number | string): void => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(answer);
    };
    const onAbort = (): void => finish('the wait was cut short');
    signal.addEventListener('abort', onAbort);
    socket.setTimeout(ANSWER_WITHIN, () => finish('accepted the connection and did not answer'));
    socket.once('connect', () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nUser-Agent: shakedown\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
      );
      onAsked?.();
    });
    socket.on('data', (chunk: Buffer) => {
      head += chunk.toString('latin1');
      const status = /^HTTP\/1\.[01] (\d{3})\b/.exec(head)?.[1];
      if (status !== undefined && head.includes('\n')) finish(Number(status));
      else if (head.length > LONGEST_HEAD || (head.length > 5 && !head.startsWith('HTTP/')))
        finish('answered, but not in HTTP/1.1');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      finish(
        error.code === 'ECONNREFUSED'
          ? 'refused the connection'
          : `gave an error (${error.code ?? error.message})`,
      );
    });
    socket.once('close', () => finish('closed the connection without an answer'));
  });
}

/**
 * Whether a server answers HTTP on either loopback family with an accepted status.
 *
 * @param port the port on localhost
 * @param path path and query to ask for
 * @param signal ends the attempt
 * @param onAsked called when the question is on its way to somebody who has taken the connection
 */
export async function probeHttp(
  port: number,
  path: string,
  status: StatusRange,
  signal: AbortSignal,
  onAsked?: () => void,
): Promise<ProbeAnswer> {
  const done = new AbortController();
  const onAbort = (): void => done.abort();
  signal.addEventListener('abort', onAbort);
  const accepted = (answer: number | string): boolean =>
    typeof answer === 'number' && answer >= status.from && answer <= status.to;
  try {
    // One family may accept and stay silent while the other answers: the first good answer counts.
    const answers: (number | string)[] = [];
    return await new Promise<ProbeAnswer>((resolve) => {
      for (const host of ['127.0.0.1', '::1']) {
        void ask(host, port, path, done.signal, onAsked).then((answer) => {
          answers.push(answer);
          if (accepted(answer)) resolve({ ready: true });
          else if (answers.length === 2) resolve({ ready: false, why: explain(answers, port, path) });
        });
      }
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    done.abort();
  }
}

/** What is most worth telling: a status, else anything but a refusal. */
function explain(answers: readonly (number | string)[], port: number, path: string): string {
  const status = answers.find((answer) => typeof answer === 'number');
  if (status !== undefined) return `GET ${path} on port ${port} answered ${status}`;
  const telling = answers.find(
    (answer) => answer !== 'refused the connection' && !String(answer).startsWith('gave an error'),
  );
  return `port ${port} ${telling ?? 'refused the connection'}`;
}
