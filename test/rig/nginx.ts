/** A real nginx, for tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findProgram } from '../../src/files/find-program.ts';
import { childrenOf } from '../../src/process/system/proc.ts';
import type { Rig } from './rig.ts';

/** Debian puts it where only root looks. */
const PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
export const NGINX = findProgram('nginx', PATH);

export const SMALL = 'hello';
/** 10 KB, no two lines of it alike. */
export const LARGE = Array.from({ length: 1024 }, (_, index) => String(index).padStart(9, '0'))
  .join('\n')
  .slice(0, 10_000);

export interface Nginx extends AsyncDisposable {
  readonly url: string;
  /** The same files by HTTP/2, without TLS. */
  readonly http2: string;
  readonly socket: string;
  /** Of its master. */
  readonly pid: number;
}

/** The part of a config of nginx that keeps what it writes in a folder; ordinary users have no other. */
export const nginxFolders = (dir: string): string =>
  ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${dir}/${name};`)
    .join('\n  ');

const configOf = (dir: string, [port, http2]: readonly number[], workers: number): string => `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes ${workers};
pid ${dir}/nginx.pid;
error_log ${dir}/error.log;
events { worker_connections 256; }
http {
  access_log off;
  ${nginxFolders(dir)}
  default_type text/plain;
  server {
    listen 127.0.0.1:${port};
    listen unix:${dir}/web.sock;
    root ${dir}/www;
    location = /close { keepalive_timeout 0; return 200 '${SMALL}'; }
    # The length of a page that is put together on the way is not known before.
    location = /chunked { ssi on; ssi_types *; try_files /large.txt =404; }
    location = /away { return 302 /small.txt; }
    location = /from { return 200 '$remote_addr'; }
    location = /gone { return 204; }
  }
  # As it comes: after 1,000 requests it ends a connection.
  server {
    listen 127.0.0.1:${http2} http2;
    root ${dir}/www;
  }
}
`;

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const LOOKS = 1000;

async function untilReady(port: number, child: ChildProcess): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    if (await answers(port)) return;
    if (child.exitCode !== null) throw new Error(`nginx ended with code ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nginx did not become ready');
}

/** Starts one in the folder of the rig, with so many workers. */
export async function startNginx(rig: Rig, workers = 2): Promise<Nginx> {
  if (NGINX === undefined) throw new Error('there is no nginx: apt-get install nginx-light');
  mkdirSync(join(rig.dir, 'www'), { recursive: true });
  writeFileSync(join(rig.dir, 'www/small.txt'), SMALL);
  writeFileSync(join(rig.dir, 'www/large.txt'), LARGE);
  const port = await rig.freePort();
  const http2 = await rig.freePort();
  const config = rig.write('nginx.conf', configOf(rig.dir, [port, http2], workers));
  const child = spawn(NGINX, ['-p', rig.dir, '-c', config], { stdio: 'ignore' });
  await untilReady(port, child);
  // It listens before it has started those who answer.
  while (childrenOf(child.pid ?? 0).length < workers) await new Promise((resolve) => setTimeout(resolve, 10));
  return {
    url: `http://127.0.0.1:${port}`,
    http2: `http://127.0.0.1:${http2}`,
    socket: join(rig.dir, 'web.sock'),
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** It holds requests back that it has read: what is in flight at the signal is in nginx. */
const slowConf = (dir: string, name: string): string => `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${dir}/${name}.pid;
error_log stderr;
events { worker_connections 64; }
http {
  access_log off;
  ${nginxFolders(dir)}
  limit_req_zone $remote_addr zone=slow:1m rate=8r/s;
  server {
    listen 127.0.0.1:PORT;
    location / { root ${dir}; limit_req zone=slow burst=100; }
  }
}
`;

/** @returns a line for a shell that starts one on `$PORT`, which answers eight requests a second, in the folder of the rig */
export function startSlowly(rig: Rig, name: string): string {
  rig.write(`${name}.in`, slowConf(rig.dir, name));
  return `sed "s/PORT/$PORT/" ${name}.in >${name}.conf && exec ${NGINX} -p ${rig.dir} -c ${name}.conf`;
}
