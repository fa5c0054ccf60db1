/**
 * A network namespace of the proxy's own. Programs that are started in it reach nothing but the proxy, on the same ports as
 * they would the services, so that a client with its port written into it meets the faults as well.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  AS_ORDINARY_USER,
  type FromInside,
  ORDER_VARIABLE,
  type OwnNetwork,
  type ToInside,
} from '../protocol.ts';

const PROGRAM = fileURLToPath(new URL('harness-proxy-inside.js', import.meta.url));

/** What becomes of a connection. */
type Serve = (client: Socket) => void;

export class Network {
  readonly own: OwnNetwork;
  readonly #inside: ChildProcess;
  readonly #serves = new Map<number, Serve>();
  readonly #listening = new Map<number, () => void>();

  private constructor(inside: ChildProcess, isUser: boolean) {
    this.#inside = inside;
    this.own = { pid: inside.pid ?? 0, isUser };
    inside.on('message', (message: FromInside, handle) => this.#hear(message, handle as Server | undefined));
    // Without it nobody can connect any more: the proxy has failed.
    inside.on('exit', () => process.exit(1));
  }

  /** @returns why there can be none */
  static async make(): Promise<Network | string> {
    const isRoot = process.getuid?.() === 0;
    const first = isRoot ? await start([]) : undefined;
    if (typeof first === 'object') return new Network(first, false);
    const second = await start(AS_ORDINARY_USER);
    // What root is told about the simpler way is closer to the reason.
    return typeof second === 'object' ? new Network(second, true) : (first ?? second);
  }

  /** Resolves when connections to a port are accepted. */
  listen(port: number, serve: Serve): Promise<void> {
    this.#serves.set(port, serve);
    const message: ToInside = { port };
    this.#inside.send(message);
    return new Promise((resolve) => this.#listening.set(port, resolve));
  }

  #hear(message: FromInside, handle: Server | undefined): void {
    if (message.type === 'listening') this.#listening.get(message.port)?.();
    if (message.type !== 'socket' || handle === undefined) return;
    createServer({ allowHalfOpen: true, noDelay: true }, this.#serves.get(message.port)).listen(handle);
  }
}

/** @returns the process inside; or why there is none */
function start(flags: readonly string[]): Promise<ChildProcess | string> {
  const { [ORDER_VARIABLE]: _, ...env } = process.env;
  const inside = spawn('unshare', [...flags, '--net', '--', process.execPath, PROGRAM], {
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  inside.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve) => {
    inside.once('error', ({ message, code }: NodeJS.ErrnoException) =>
      resolve(code === 'ENOENT' ? '`unshare` (util-linux) is not installed' : message),
    );
    inside.once('close', (code) => resolve(said.trim().split('\n')[0] || `unshare: exit code ${code}`));
    inside.once('message', (message: FromInside) => {
      resolve(message.type === 'refused' ? message.why : inside);
      if (message.type === 'refused') inside.disconnect();
    });
  });
}
