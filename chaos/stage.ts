/** A folder that a behaviour runs in, with what the harness and the behaviour talk through. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { Behaviour, Site, Unendable } from './behaviours.ts';

/** Below those that the kernel hands out by itself. */
const FIRST_PORT = 21_000;
const PORTS = 9000;
let nextPort = 0;

async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + (nextPort++ % PORTS);
    if (await isFree(port)) return port;
  }
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}

export function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}

export class Stage implements Site {
  readonly folder: string;
  readonly port: number;
  readonly births: string;
  readonly unendable: Unendable | undefined;
  readonly #go: number;
  readonly #life: number;

  private constructor(folder: string, port: number, { unendable }: Behaviour, go: number, life: number) {
    this.folder = folder;
    this.port = port;
    this.births = join(folder, 'births');
    this.unendable = unendable;
    this.#go = go;
    this.#life = life;
  }

  static async create(folder: string, behaviour: Behaviour): Promise<Stage> {
    mkdirSync(folder, { recursive: true });
    // PostgreSQL runs as somebody else.
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'marker'), '');
    writeFileSync(join(folder, 'births'), '');
    execFileSync('mkfifo', [join(folder, 'go'), join(folder, 'life')]);
    const listens = behaviour.daemon !== undefined || behaviour.proof?.listens === true;
    const port = listens ? await freePort() : 0;
    behaviour.daemon?.prepare({ folder, port });
    behaviour.unendable?.prepare({ folder, port });
    behaviour.box?.prepare({ folder, port });
    // For reading too: neither this nor the leader's opening waits for the other.
    const go = openSync(join(folder, 'go'), constants.O_RDWR | constants.O_NONBLOCK);
    const life = openSync(join(folder, 'life'), constants.O_RDONLY | constants.O_NONBLOCK);
    return new Stage(folder, port, behaviour, go, life);
  }

  /** Tells the leader something; it reads that when it comes to it. */
  tell(words: string): void {
    writeSync(this.#go, `${words}\n`);
  }

  /** Whether anybody lives who was born here: the pipe ends only when nobody holds it, seen or not. */
  isAlive(): boolean {
    try {
      return readSync(this.#life, Buffer.alloc(1)) > 0;
    } catch {
      // Nothing to read, and somebody who could write.
      return true;
    }
  }

  close(): void {
    closeSync(this.#go);
    closeSync(this.#life);
  }
}
