/** The runner's side of a fault proxy, a separate process: tells it what it needs, and asks what it saw. */
import { randomUUID } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { MachineTrouble, troubleOf } from '../core/failure.ts';
import type { Finding } from '../core/finding.ts';
import type { HttpFault } from '../core/http-fault.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Ms } from '../core/units.ts';
import { harnessFile } from '../kinds/common/programs.ts';
import { type CommandContext, type Running, startOwned } from '../process/run-owned.ts';
import { describeExit, type Exit } from '../process/system/exit.ts';
import { pickFreePort } from '../process/system/free-port.ts';
import { startFinding } from '../process/system/start-failure.ts';
import {
  type FromProxy,
  ORDER_VARIABLE,
  type OwnNetwork,
  type ProxyOrder,
  type ToProxy,
  type Upstream,
} from './protocol.ts';

const PROGRAM = harnessFile('harness-proxy.js');

/** How long a proxy may take to answer its runner, in milliseconds, before it counts as hanging. */
const ANSWER_WITHIN = 10_000;
const EVIDENCE_LINES = 12;

export interface ProxyOptions {
  /** Its name in the log, unique within the attempt. */
  readonly name: string;
  readonly faults: readonly HttpFault[];
  /** Where to listen, unless it has been taken meanwhile; undefined: on any free one. */
  readonly port?: number | undefined;
  /** Whether it stands in a network of its own, in which the users are to be started. */
  readonly isApart: boolean;
  /** Called once, when a fault wants the service killed. */
  readonly onDie: () => void;
}

export interface ProxyContext extends CommandContext {
  /** The seed for everything random. */
  readonly seed: number;
}

type Report = Extract<FromProxy, { type: 'report' }>;

/** Where a proxy reports to. */
interface ControlServer {
  readonly server: Server;
  readonly port: number;
  /** Who has connected: on a busy machine a proxy does so before its start is known here. */
  readonly early: Socket[];
}

/** How much is read of somebody who has not yet proved to be the proxy, in characters. */
const LONGEST_GREETING = 4096;

/** Listens for a proxy; anybody else who connects is ignored. */
async function openControl(): Promise<ControlServer> {
  const early: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => early.push(socket.on('error', () => {})));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, resolve);
  });
  const address = server.address();
  return { server, early, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

export class FaultProxy {
  /** The port that it listens on: in a network of its own that of the service, once there is one. */
  readonly port: Promise<number>;
  /** The network of its own, if it has one; or why it could not be made. */
  readonly network: Promise<Result<OwnNetwork | null, string>>;
  /** Rejects when it ends without having been asked to; never resolves. */
  readonly failed: Promise<never>;
  readonly #name: string;
  readonly #running: Running;
  readonly #server: Server;
  readonly #token: string;
  readonly #onDie: () => void;
  #socket: Socket | undefined;
  #unsent: ToProxy[] = [];
  #listening: (port: number) => void = () => {};
  #isUp: (network: Result<OwnNetwork | null, string>) => void = () => {};
  /** Ports of other services that its users reach as well, and who waits for that. */
  readonly #beside = new Map<number, () => void>();
  readonly #reached: Promise<void>[] = [];
  #reported: (report: Report) => void = () => {};
  #isEnding = false;

  private constructor(options: ProxyOptions, running: Running, control: ControlServer, token: string) {
    this.#name = options.name;
    this.#onDie = options.onDie;
    this.#running = running;
    this.#server = control.server;
    this.#token = token;
    const listening = new Promise<number>((resolve) => {
      this.#listening = resolve;
    });
    this.failed = running.root.exited.then((exit) =>
      this.#isEnding ? new Promise<never>(() => {}) : Promise.reject(this.#failure(exit)),
    );
    this.port = Promise.race([listening, this.failed]);
    const up = new Promise<Result<OwnNetwork | null, string>>((resolve) => {
      this.#isUp = resolve;
    });
    this.network = Promise.race([up, this.failed]);
    // Unhandled only here: whoever waits for one of them gets the error.
    for (const each of [this.failed, this.port, this.network]) each.catch(() => {});
    this.#server.removeAllListeners('connection').on('connection', (socket) => this.#hear(socket));
    for (const socket of control.early) this.#hear(socket);
  }

  /**
   * Starts a proxy, without waiting until it listens.
   *
   * @throws the system's error if no port is left for it
   */
  static async start(options: ProxyOptions, context: ProxyContext): Promise<Result<FaultProxy, Finding>> {
    const { name, faults, isApart } = options;
    const control = await openControl();
    const token = randomUUID();
    // Picked here: left to itself, the proxy may well take the port that was just picked for the service.
    const port = isApart ? null : (options.port ?? (await pickFreePort()));
    const order: ProxyOrder = { control: control.port, port, token, faults, seed: context.seed };
    const { PATH } = context.env;
    const started = await startOwned(
      {
        ...{ step: name, owner: `${context.id}/${name}`, aside: name, cwd: context.directory.path },
        command: { type: 'argv', argv: [process.execPath, PROGRAM] },
        env: { ...(PATH === undefined ? {} : { PATH }), [ORDER_VARIABLE]: JSON.stringify(order) },
      },
      context,
    );
    if (started.ok) return ok(new FaultProxy(options, started.value, control, token));
    control.server.close();
    return err(startFinding(name, started.error));
  }

  #hear(socket: Socket): void {
    let rest = '';
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#take(socket, line);
      if (socket !== this.#socket && rest.length > LONGEST_GREETING) socket.destroy();
    });
  }

  /** Any user of the machine can connect, and say anything. */
  #take(socket: Socket, line: string): void {
    const message = parse(line);
    if (message !== undefined && 'token' in message && message.token === this.#token) {
      this.#socket = socket;
      this.#isUp(message.type === 'up' ? ok(message.network) : err(message.why));
      for (const unsent of this.#unsent.splice(0)) this.#tell(unsent);
    } else if (socket !== this.#socket || message === undefined) socket.destroy();
    else if (message.type === 'listening') (this.#beside.get(message.port) ?? this.#listening)(message.port);
    else if (message.type === 'die') this.#onDie();
    else if (message.type === 'report') this.#reported(message);
  }

  #tell(message: ToProxy): void {
    if (this.#socket === undefined) this.#unsent.push(message);
    else this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  /** Tells it where the service will listen. */
  serves(service: Upstream): void {
    this.#tell({ type: 'upstream', service });
  }

  /** Tells it where another service will listen, which its users in a network of its own reach without faults. */
  passes(port: number): void {
    this.#reached.push(new Promise((resolve) => this.#beside.set(port, resolve)));
    this.#tell({ type: 'beside', port });
  }

  /**
   * Resolves when its users reach all that it has been told of.
   *
   * @returns the port that it listens on
   */
  async untilReached(): Promise<number> {
    await Promise.race([Promise.all(this.#reached), this.failed]);
    return this.port;
  }

  /**
   * Asks what it has seen so far.
   *
   * @throws MachineTrouble if the machine prevented its work or killed it; Error if it failed
   */
  async report(): Promise<Report> {
    const reported = new Promise<Report>((resolve) => {
      this.#reported = resolve;
    });
    this.#tell({ type: 'report' });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.#name} does not answer any more`)), ANSWER_WITHIN);
    });
    try {
      const report = await Promise.race([reported, this.failed, late]);
      if (report.trouble !== null) throw troubleBy(report.trouble);
      return report;
    } finally {
      clearTimeout(timer);
    }
  }

  #failure({ code, signal }: Exit): Error {
    const how = describeExit({ code, signal });
    if (signal !== null)
      return new MachineTrouble(
        `${this.#name}, which stood between a service and its users, ${how}`,
        'memory may have run out (`dmesg` tells), or something that the suite runs has killed it',
      );
    const said = this.#running.scanner.tail(EVIDENCE_LINES).join('\n');
    return new Error(`${this.#name} ${how}: ${said}`);
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    this.#server.close();
    this.#socket?.destroy();
    await this.#running.owner.end(0 as Ms);
  }
}

function parse(line: string): FromProxy | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === 'object' && message !== null ? (message as FromProxy) : undefined;
  } catch {
    return undefined;
  }
}

/** The machine trouble behind a system error code. */
function troubleBy(code: string): Error {
  const error = Object.assign(new Error(code), { code });
  const trouble = troubleOf(error);
  return trouble === undefined ? error : new MachineTrouble(trouble.cause, trouble.remedy);
}
