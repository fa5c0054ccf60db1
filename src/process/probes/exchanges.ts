/**
 * The questions that looks have asked of one service over HTTP, each on a connection of its own. What was asked is heard to
 * its end: a server that is left in the middle of its answer meets an error that its clients would never give it.
 */
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import { type Trouble, troubleOf } from '../../core/failure.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import { AnswerReader } from './answer-reader.ts';

/** What came of a question. */
export type Answer =
  | { readonly type: 'status'; readonly status: number }
  | { readonly type: 'refused' }
  | { readonly type: 'failure'; readonly why: string }
  /** Nothing was asked: the machine lacks something. */
  | { readonly type: 'trouble'; readonly trouble: Trouble };

/** More than this is not listened to, nor longer than this many milliseconds after the service is ready. */
const MOST_BYTES = 64 * 1024 * 1024;
const HEARD_FOR = 10_000;
/** Questions get as long to be answered at the end as the slowest answer took, and at least this many milliseconds. */
const LEAST_PATIENCE = 100;

interface Exchange {
  readonly socket: Socket;
  readonly reader: AnswerReader;
  readonly over: Promise<void>;
}

export class Exchanges {
  readonly #clock: Clock;
  readonly #agent: string;
  /** From which ports, and for which paths: servers put them into their logs. */
  readonly #ports = new Set<number>();
  readonly #paths = new Set<string>();
  readonly #open = new Set<Exchange>();
  #slowest = 0;
  #cut = 0;
  #latest: AnswerReader | undefined;
  #disarm = (): void => {};

  /** @param agent by what name questions are asked, so that servers can tell them from others */
  constructor(clock: Clock, agent = 'shakedown') {
    this.#clock = clock;
    this.#agent = agent;
  }

  /** How many connections were ended by us before the answer was. */
  get cut(): number {
    return this.#cut;
  }

  /** The beginning of the last body that was sent. */
  get lastBody(): string {
    return this.#latest?.preview ?? '';
  }

  /**
   * Asks one address.
   *
   * @param onAsked called when the question is on its way to somebody who has taken the connection
   * @returns the answer as soon as its status is known, however long its body is
   */
  ask(host: string, port: number, path: string, onAsked?: () => void): Promise<Answer> {
    return new Promise((resolve) => {
      const startedAt = this.#clock.now();
      const socket = connect({ host, port });
      const reader = new AnswerReader();
      let settle = (): void => {};
      const over = new Promise<void>((done) => {
        settle = done;
      });
      const exchange = { socket, reader, over };
      this.#open.add(exchange);
      let bytes = 0;
      const answer = (found: Answer): void => {
        this.#slowest = Math.max(this.#slowest, this.#clock.now() - startedAt);
        resolve(found);
      };
      this.#paths.add(path);
      socket.once('connect', () => {
        if (socket.localPort !== undefined) this.#ports.add(socket.localPort);
        // No `Connection: close`: where the server closes first, its port has a connection in TIME_WAIT afterwards,
        // and a server that does not set SO_REUSEADDR could not be started there again for a minute.
        socket.write(
          `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nUser-Agent: ${this.#agent}\r\nAccept: */*\r\n\r\n`,
        );
        onAsked?.();
      });
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        reader.push(chunk);
        this.#latest = reader;
        if (reader.complaint !== undefined) answer({ type: 'failure', why: reader.complaint });
        else if (reader.status !== undefined) answer({ type: 'status', status: reader.status });
        if (reader.isOver || reader.complaint !== undefined) socket.destroy();
        else if (bytes > MOST_BYTES) this.#end(exchange);
      });
      socket.once('error', (error: NodeJS.ErrnoException) => {
        // A machine without IPv6 has no address to ask ::1 from: that is no trouble.
        const trouble = error.code === 'EADDRNOTAVAIL' ? undefined : troubleOf(error);
        if (trouble !== undefined) answer({ type: 'trouble', trouble });
        else if (error.code === 'ECONNREFUSED') answer({ type: 'refused' });
        else answer({ type: 'failure', why: `gave an error (${error.code ?? error.message})` });
      });
      socket.once('close', () => {
        this.#open.delete(exchange);
        answer({ type: 'failure', why: 'closed the connection without an answer' });
        settle();
      });
    });
  }

  /**
   * Lines of a log without those that only tell of a question of ours.
   *
   * @param lines all of them from before anybody else has asked
   */
  withoutOurs(lines: readonly string[]): string[] {
    const requests = [...this.#paths].flatMap((path) => [
      `GET ${path} HTTP/1.`,
      ` GET ${path} 4`,
      ` GET ${path} 5`,
    ]);
    return this.withoutMarked(lines).filter((line) => !requests.some((text) => ` ${line}`.includes(text)));
  }

  /** The same where others have asked as well: those alone go that bear our name or the port of one of our connections. */
  withoutMarked(lines: readonly string[]): string[] {
    return lines.filter((line) => !line.includes(this.#agent) && !this.#isFromOurs(line));
  }

  #isFromOurs(line: string): boolean {
    return Array.from(line.matchAll(/:(\d{4,5})\b/g)).some(([, port]) => this.#ports.has(Number(port)));
  }

  #end(exchange: Exchange): void {
    this.#cut += 1;
    exchange.socket.destroy();
  }

  /** Nothing more is asked: what is still open is heard to its end, within bounds. */
  finish(): void {
    this.#disarm = this.#clock.after(HEARD_FOR, () => this.#endAll(), false);
  }

  /**
   * Gives answers that are under way a moment to end, and ends the others: the service is about to be ended itself.
   *
   * @param hurry cuts that moment short
   */
  async close(hurry: AbortSignal): Promise<void> {
    this.#disarm();
    const heard = Promise.all([...this.#open].map(({ over }) => over));
    let disarm = (): void => {};
    const patience = new Promise<void>((resolve) => {
      disarm = this.#clock.after(Math.max(LEAST_PATIENCE, this.#slowest), resolve);
    });
    await untilAborted(Promise.race([heard, patience]), hurry);
    disarm();
    this.#endAll();
  }

  #endAll(): void {
    for (const exchange of this.#open) this.#end(exchange);
  }
}
