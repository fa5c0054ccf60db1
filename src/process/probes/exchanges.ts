/**
 * The probes' HTTP requests to one service, each on a connection of its own. Responses are read to the end: a server
 * cut off in the middle meets an error that its real clients would never cause.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import { type Trouble, troubleOf } from '../../core/failure.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import { AnswerReader } from './answer-reader.ts';
import {
  describeTlsError,
  type Endpoint,
  type HttpProbe,
  loadTls,
  methodOf,
  openConnection,
  requestText,
} from './request.ts';

export type Answer =
  | { readonly type: 'status'; readonly status: number }
  | { readonly type: 'refused' }
  /** `code`: the system's, if it has one. */
  | { readonly type: 'failure'; readonly why: string; readonly code?: string }
  /** Nothing was sent: the machine lacks something. */
  | { readonly type: 'trouble'; readonly trouble: Trouble };

/** Reading stops after this many bytes. */
const MOST_BYTES = 64 * 1024 * 1024;
/** In milliseconds after the service is ready: reading stops then as well. */
const HEARD_FOR = 10_000;
/** In milliseconds. At the end, open requests get as long as the slowest response took, and at least this. */
const LEAST_PATIENCE = 100;

interface Exchange {
  readonly socket: Socket;
  readonly reader: AnswerReader;
  readonly over: Promise<void>;
}

export class Exchanges {
  readonly #clock: Clock;
  readonly #agent: string;
  /** Our local ports, and what was requested: servers log them. */
  readonly #ports = new Set<number>();
  readonly #requests = new Set<string>();
  readonly #open = new Set<Exchange>();
  #slowest = 0;
  #cut = 0;
  #latest: AnswerReader | undefined;
  #disarm = (): void => {};

  /** @param agent the User-Agent, by which servers can recognise our requests */
  constructor(clock: Clock, agent = 'shakedown') {
    this.#clock = clock;
    this.#agent = agent;
  }

  /** How many connections we closed before the response was complete. */
  get cut(): number {
    return this.#cut;
  }

  /** The beginning of the last body received. */
  get lastBody(): string {
    return this.#latest?.preview ?? '';
  }

  /**
   * Sends one request.
   *
   * @param onAsked called once the connection is accepted and the request is on its way
   * @returns the answer as soon as its status is known, however long the body is
   */
  async ask(to: Endpoint, probe: HttpProbe, onAsked?: () => void): Promise<Answer> {
    const startedAt = this.#clock.now();
    const method = methodOf(probe);
    this.#requests.add(`${method} ${probe.path}`);
    const tls = await loadTls(probe);
    return new Promise((resolve) => {
      const socket = openConnection(probe, to, tls, () => onOpen());
      const reader = new AnswerReader(method !== 'HEAD');
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
      const onOpen = (): void => {
        if (socket.localPort !== undefined) this.#ports.add(socket.localPort);
        socket.write(requestText(probe, to, this.#agent));
        onAsked?.();
      };
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        reader.push(chunk);
        this.#latest = reader;
        if (reader.complaint !== undefined) answer({ type: 'failure', why: reader.complaint });
        else if (reader.status !== undefined) answer({ type: 'status', status: reader.status });
        // With TLS the server is told that this is the end.
        if (reader.isOver || reader.complaint !== undefined) socket.destroySoon();
        else if (bytes > MOST_BYTES) this.#end(exchange);
      });
      socket.once('error', (error: NodeJS.ErrnoException) => {
        // A machine without IPv6 has no address to reach ::1 from: that is not trouble.
        const distrust = describeTlsError(error);
        if (distrust !== undefined) {
          // The server may complain that we hung up.
          this.#cut += 1;
          answer({ type: 'failure', why: distrust });
        }
        const trouble = error.code === 'EADDRNOTAVAIL' ? undefined : troubleOf(error);
        if (trouble !== undefined) answer({ type: 'trouble', trouble });
        else if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') answer({ type: 'refused' });
        else
          answer({
            type: 'failure',
            why: `gave an error (${error.code ?? error.message})`,
            ...(error.code === undefined ? {} : { code: error.code }),
          });
      });
      socket.once('close', () => {
        this.#open.delete(exchange);
        answer({ type: 'failure', why: 'closed the connection without an answer' });
        settle();
      });
    });
  }

  /** Log lines without those that only report our requests; all must be from before anyone else sent one. */
  withoutOurs(lines: readonly string[]): string[] {
    const requests = [...this.#requests].flatMap((sent) => [`${sent} HTTP/1.`, ` ${sent} 4`, ` ${sent} 5`]);
    return this.withoutMarked(lines).filter((line) => !requests.some((text) => ` ${line}`.includes(text)));
  }

  /** The same when others have sent requests as well: drops only lines with our name or one of our ports. */
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

  /** Sends nothing more; open responses are read to the end, within bounds. */
  finish(): void {
    this.#disarm = this.#clock.after(HEARD_FOR, () => this.#endAll(), false);
  }

  /**
   * Gives responses in progress a moment to complete, and aborts the others: the service is about to be ended itself.
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
