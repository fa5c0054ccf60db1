/**
 * A client's connection, and the matching one to the service. They live and die together: when one side closes or
 * resets its connection, so is the other one, after everything that was sent before.
 */
import { connect, type Socket } from 'node:net';
import type { Upstream } from '../protocol.ts';
import { AnswerReader, type AnswersOwner, type Shared } from './answers.ts';
import type { Exchange } from './exchange.ts';
import { Outlet } from './outlet.ts';
import { type Opaque, RequestReader } from './requests.ts';
import { reset } from './reset.ts';

const LOOPBACK = ['127.0.0.1', '::1'] as const;

/** Errors that mean that nobody listens there; the other address family may still be worth a try. */
const NOBODY_THERE: readonly (string | undefined)[] = [
  'ECONNREFUSED',
  'EADDRNOTAVAIL',
  'ENETUNREACH',
  'EAFNOSUPPORT',
];

/** Errors that are the machine's fault. */
const TROUBLES: readonly (string | undefined)[] = ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EADDRNOTAVAIL'];

export class Connection implements AnswersOwner {
  readonly #client: Socket;
  readonly #shared: Shared;
  readonly #outlet: Outlet;
  readonly #requests: RequestReader;
  readonly #answers: AnswerReader;
  #service: Socket | undefined;
  /** Why the connection is passed on without being read; undefined while it is read. */
  #opaque: Opaque | undefined;
  /** Whether the client has sent something since the service last did. Only for a connection that is not read. */
  #isTurn = false;
  #isOver = false;
  #hasClientSpoken = false;
  /** Whether it is not read, and the reason is not known yet. */
  #isUnnamed = false;

  constructor(client: Socket, { port, host }: Upstream, shared: Shared) {
    this.#client = client;
    this.#shared = shared;
    shared.traffic.connections += 1;
    this.#outlet = new Outlet(
      client,
      () => this.#service?.pause(),
      () => this.#service?.resume(),
    );
    this.#requests = new RequestReader(() => shared.traffic.requested());
    this.#answers = new AnswerReader(shared, this.#outlet, this);
    const local = client.remoteFamily === 'IPv6' ? LOOPBACK.toReversed() : LOOPBACK;
    this.#connect(port, host === undefined ? local : [host]);
    client.on('data', (chunk: Buffer) => this.#fromClient(chunk));
    client.on('end', () => this.#service?.end());
    client.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') this.#resetService();
    });
    client.on('close', () => {
      this.#answers.drop();
      this.#service?.destroy();
    });
  }

  get waiting(): Exchange | undefined {
    return this.#requests.waiting[0];
  }

  answered(): void {
    this.#requests.waiting.shift();
    const opaque = this.#requests.goOn();
    if (opaque !== undefined) this.#notRequests(opaque);
  }

  #connect(port: number, [host, ...others]: readonly string[]): void {
    const service = connect({ host: host ?? '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
    this.#service = service;
    if (this.#client.isPaused()) this.#client.resume();
    let isConnected = false;
    service.on('connect', () => {
      isConnected = true;
      this.#early = [];
      if (service.localPort !== undefined) this.#shared.traffic.ports.add(service.localPort);
    });
    service.on('data', (chunk: Buffer) => this.#fromService(chunk));
    service.on('drain', () => this.#client.resume());
    service.on('end', () => this.#serviceEnded());
    service.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#client.destroyed) return;
      if (!isConnected && NOBODY_THERE.includes(error.code) && others.length > 0) {
        // Nobody has taken what the client has sent so far.
        this.#connect(port, others);
        for (const chunk of this.#early) this.#service?.write(chunk);
        if (this.#client.readableEnded) this.#service?.end();
        return;
      }
      if (TROUBLES.includes(error.code)) this.#shared.traffic.trouble ??= error.code ?? null;
      this.#answers.end();
      this.#outlet.reset();
    });
  }

  /** What the client sent before there was a connection to the service. */
  #early: Buffer[] = [];

  #fromClient(chunk: Buffer): void {
    const service = this.#service;
    if (service === undefined || service.destroyed) return;
    if (service.connecting) this.#early.push(chunk);
    // Which faults apply depends on the requests, so they are read before the service can answer them.
    if (this.#isUnnamed) {
      this.#isUnnamed = false;
      this.#count(this.#requests.take(chunk) ?? 'malformed');
    }
    this.#hasClientSpoken = true;
    if (this.#opaque !== undefined) this.#takesTurn();
    else {
      const opaque = this.#requests.take(chunk);
      if (opaque !== undefined) this.#notRequests(opaque);
    }
    if (!service.write(chunk)) this.#client.pause();
  }

  #resetService(): void {
    if (this.#service !== undefined) reset(this.#service);
  }

  #takesTurn(): void {
    if (this.#isTurn) return;
    this.#isTurn = true;
    this.#shared.traffic.requested();
  }

  #stopReading(opaque: Opaque): void {
    if (this.#opaque !== undefined) return;
    this.#opaque = opaque;
    // An HTTP/2 server may speak first: which protocol it is shows once the client speaks.
    this.#isUnnamed = !this.#hasClientSpoken;
    if (!this.#isUnnamed) this.#count(opaque);
    this.#answers.end();
  }

  #count(opaque: Opaque): void {
    const { traffic } = this.#shared;
    if (opaque === 'malformed') traffic.malformed += 1;
    else traffic.opaque[opaque] += 1;
  }

  /** What the client sends is not a readable request. */
  #notRequests(opaque: Opaque): void {
    this.#stopReading(opaque);
    this.#takesTurn();
  }

  #fromService(chunk: Buffer): void {
    const { traffic } = this.#shared;
    if (traffic.isDying || this.#isOver) return;
    const rest = this.#opaque === undefined ? this.#answers.take(chunk) : 0;
    if (rest < 0) return;
    this.#stopReading(this.#answers.hasSwitched ? 'upgrades' : 'malformed');
    if (rest < chunk.length) this.#passTurn(chunk.subarray(rest));
  }

  /** Passes bytes on unread. Faults of connections happen whenever the service speaks after the client. */
  #passTurn(chunk: Buffer): void {
    if (this.#isTurn) this.#disturbTurn();
    if (!this.#isOver) this.#outlet.write(chunk);
    const { traffic } = this.#shared;
    if (!this.#isTurn) return;
    this.#isTurn = false;
    traffic.answerEnded();
  }

  #disturbTurn(): void {
    const { faults, traffic } = this.#shared;
    traffic.answers += 1;
    const meant = faults.forTurn();
    faults.happened(meant);
    this.#outlet.limit(null);
    for (const { fault } of meant) {
      if (fault.type === 'latency') this.#outlet.waitUntil(performance.now() + fault.ms);
      else if (fault.type === 'bandwidth') this.#outlet.limit(fault.bytesPerSecond);
      else if (fault.type === 'reset') this.#outlet.reset();
      else if (fault.type === 'hang') this.#outlet.hang();
      if (fault.type === 'reset') this.#isOver = true;
    }
  }

  #serviceEnded(): void {
    if (this.#shared.traffic.isDying) this.#outlet.reset();
    else {
      this.#answers.end();
      this.#outlet.end();
    }
  }
}
