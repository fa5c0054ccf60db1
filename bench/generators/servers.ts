/** What is loaded: nginx with one worker, and node:http. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { here } from '../suite.ts';

export interface Site {
  readonly id: 'small' | 'large' | 'node';
  readonly title: string;
  readonly url: string;
  /** The whole body that it answers with. */
  readonly body: string;
}

const SMALL = 'hello, shakedown\n';
const LARGE = 'x'.repeat(10 * 1024);
const READY_WITHIN = 5000;

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return address.port;
}

/** A service that one must log in to: nginx makes an order's id, and demands the cookie, without a program behind it. */
const SHOP = `
  default_type application/json;
  location = /login { add_header Set-Cookie "session=$request_id; Path=/; HttpOnly"; return 200 '{"user":"ada"}'; }
  location = /orders { if ($cookie_session = '') { return 401; } return 201 '{"id":"$request_id"}'; }
  location ~ ^/orders/(?<id>.+)$ { if ($cookie_session = '') { return 401; } return 200 '{"id":"$id"}'; }
`;

const nginxConfig = (folder: string, port: number): string => `
daemon off;
${process.getuid?.() === 0 ? '# Its worker must read a folder that is ours alone.\nuser root;' : ''}
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 15000; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600;
  sendfile on;
  open_file_cache max=10;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  server { listen 127.0.0.1:${port} backlog=10000; root ${folder}/www; ${SHOP} }
}
`;

export async function accepts(port: number): Promise<void> {
  const deadline = performance.now() + READY_WITHIN;
  while (performance.now() < deadline) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await delay(20);
  }
  throw new Error(`a server did not accept on port ${port} within ${READY_WITHIN} ms`);
}

export interface Servers {
  readonly sites: readonly Site[];
  /** The address of a service that one must log in to. */
  readonly shop: string;
  readonly end: () => void;
}

/** @throws when nginx is not installed, or does not come up */
export async function startServers(folder: string): Promise<Servers> {
  const www = join(folder, 'www');
  mkdirSync(www, { recursive: true });
  writeFileSync(join(www, 'small.txt'), SMALL);
  writeFileSync(join(www, 'large.txt'), LARGE);
  const [nginxPort, nodePort] = [await freePort(), await freePort()];
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, nginxConfig(folder, nginxPort));
  const processes: ChildProcess[] = [];
  const start = (command: string, args: readonly string[]): void => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', (error) => process.stderr.write(`bench: ${command}: ${error.message}\n`));
    processes.push(child);
  };
  const end = (): void => {
    for (const child of processes) child.kill();
  };
  try {
    start('nginx', ['-c', config, '-p', folder]);
    start(process.execPath, [here('./generators/server.mjs'), String(nodePort)]);
    await Promise.all([accepts(nginxPort), accepts(nodePort)]);
  } catch (error) {
    end();
    throw error;
  }
  const nginx = `http://127.0.0.1:${nginxPort}`;
  return {
    sites: [
      { id: 'small', title: 'nginx, 17 bytes', url: `${nginx}/small.txt`, body: SMALL },
      { id: 'large', title: 'nginx, 10 KB', url: `${nginx}/large.txt`, body: LARGE },
      { id: 'node', title: 'node:http, 17 bytes', url: `http://127.0.0.1:${nodePort}/`, body: SMALL },
    ],
    shop: nginx,
    end,
  };
}
