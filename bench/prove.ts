/**
 * What the fault proxy costs when no fault happens, beside a direct connection and nginx as a reverse proxy. All are
 * measured in turn, in the same minutes: nginx serves, wrk asks.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { pickFreePort } from '../src/process/system/free-port.ts';
import type { FromProxy, ProxyOrder } from '../src/proxy/protocol.ts';
import { ORDER_VARIABLE } from '../src/proxy/protocol.ts';
import { endRunning } from './measure.ts';
import { timeExample } from './prove-example.ts';
import { runToItsEnd } from './rounds.ts';

const HELP = `bench/prove [--rounds N] [--each SECONDS] [--example N]

CPU for each request, and how much later half of the answers come, of the fault proxy without a fault, beside nginx as a
reverse proxy. Needs nginx, wrk, and a build (npm run build). Default: 3 rounds of 2 seconds. With --example, how long a proof
of the default example takes instead, N times.
`;

const PATH = `${process.env.PATH}:/usr/sbin`;
const PROGRAM = resolve(import.meta.dirname, '../dist/harness-proxy.js');
const MS_PER_TICK = 10;
const CONNECTIONS = 16;

interface Subject {
  readonly name: string;
  readonly port: number;
  /** The process that stands between; undefined for a direct connection. */
  readonly pid: number | undefined;
}

interface Sample {
  readonly requests: number;
  readonly cpuMs: number;
  /** The median of the response time with a single connection, in microseconds. */
  readonly medianUs: number;
}

const children: ChildProcess[] = [];

async function untilOpen(port: number): Promise<void> {
  for (;;) {
    const socket = connect({ port, host: '127.0.0.1' });
    const isOpen = await new Promise<boolean>((done) => {
      socket.once('connect', () => done(true));
      socket.once('error', () => done(false));
    });
    socket.destroy();
    if (isOpen) return;
  }
}

/** @returns the pid of its only worker */
async function startNginx(dir: string, name: string, port: number, server: string): Promise<number> {
  const folder = join(dir, name);
  mkdirSync(folder);
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (each) => `${each}_temp_path ${folder}/${each};`,
  );
  const config = `
daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 512; }
http { access_log off; keepalive_requests 1000000000; ${temp.join(' ')} ${server} }`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
    env: { ...process.env, PATH },
    stdio: 'inherit',
  });
  children.push(child);
  await untilOpen(port);
  const workers = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ');
  return Number(workers[0]);
}

async function listening(socket: Socket): Promise<Extract<FromProxy, { type: 'listening' }>> {
  for await (const line of createInterface(socket)) {
    const message = JSON.parse(line) as FromProxy;
    if (message.type === 'listening') return message;
  }
  throw new Error('the proxy does not listen');
}

/** Starts the fault proxy as its runner does. */
async function startProxy(upstream: number): Promise<Subject> {
  const control = createServer();
  control.listen(0, '127.0.0.1');
  await once(control, 'listening');
  const address = control.address();
  const order: ProxyOrder = {
    control: typeof address === 'object' && address !== null ? address.port : 0,
    port: 0,
    token: 'bench',
    faults: [{ type: 'none' }],
    seed: 1,
  };
  const child = spawn(process.execPath, [PROGRAM], {
    env: { PATH, [ORDER_VARIABLE]: JSON.stringify(order) },
    stdio: 'inherit',
  });
  children.push(child);
  const [socket] = (await once(control, 'connection')) as [Socket];
  socket.write(`${JSON.stringify({ type: 'upstream', port: upstream })}\n`);
  control.close();
  const message = await listening(socket);
  socket.unref();
  return { name: 'fault proxy', port: message.port, pid: child.pid };
}

function cpuOf(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

const UNITS: Readonly<Record<string, number>> = { us: 1, ms: 1000, s: 1_000_000 };

function wrk(port: number, connections: number, seconds: number): { requests: number; medianUs: number } {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', `http://127.0.0.1:${port}/`];
  const text = execFileSync('wrk', args, { encoding: 'utf8' });
  const [, median = '0', unit = 'us'] = /50%\s+([\d.]+)(us|ms|s)/.exec(text) ?? [];
  const [, requests = '0'] = /(\d+) requests in/.exec(text) ?? [];
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(text);
  return { requests: Number(requests), medianUs: Number(median) * (UNITS[unit] ?? 1) };
}

function measure({ port, pid }: Subject, seconds: number): Sample {
  const { medianUs } = wrk(port, 1, seconds);
  const before = cpuOf(pid);
  const { requests } = wrk(port, CONNECTIONS, seconds);
  return { requests, cpuMs: cpuOf(pid) - before, medianUs };
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

function print(samples: ReadonlyMap<string, readonly Sample[]>, seconds: number): void {
  const direct = median((samples.get('direct') ?? []).map(({ medianUs }) => medianUs));
  console.log('| between wrk and the server | CPU a request | added to the median | requests a second |');
  console.log('| --- | --- | --- | --- |');
  for (const [name, all] of samples) {
    const cpu = median(all.map(({ cpuMs, requests }) => (cpuMs * 1000) / requests));
    const added = median(all.map(({ medianUs }) => medianUs)) - direct;
    const rate = Math.round(median(all.map(({ requests }) => requests)) / seconds);
    const costs = name === 'direct' ? '– | –' : `${cpu.toFixed(1)} µs | ${added.toFixed(0)} µs`;
    console.log(`| ${name} | ${costs} | ${rate.toLocaleString('en-US')} |`);
  }
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    each: { type: 'string', default: '2' },
    example: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help === true) {
  process.stdout.write(HELP);
  process.exit(0);
}
if (values.example !== undefined) {
  await runToItsEnd(() => timeExample(Number(values.example)), endRunning);
  process.exit();
}
const [rounds, seconds] = [Number(values.rounds), Number(values.each)];
const dir = mkdtempSync(join(tmpdir(), 'shakedown-bench-'));
try {
  const origin = await pickFreePort();
  await startNginx(
    dir,
    'origin',
    origin,
    `server { listen 127.0.0.1:${origin}; location / { default_type application/json; return 200 '{"items":[1,2,3]}'; } }`,
  );
  const reverse = await pickFreePort();
  const pid = await startNginx(
    dir,
    'reverse',
    reverse,
    `upstream origin { server 127.0.0.1:${origin}; keepalive 64; keepalive_requests 1000000000; }
server { listen 127.0.0.1:${reverse}; location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ''; } }`,
  );
  const subjects: readonly Subject[] = [
    { name: 'direct', port: origin, pid: undefined },
    { name: 'nginx', port: reverse, pid },
    await startProxy(origin),
  ];
  const samples = new Map<string, Sample[]>(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const subject of subjects) samples.get(subject.name)?.push(measure(subject, seconds));
  print(samples, seconds);
} finally {
  for (const child of children) child.kill();
  rmSync(dir, { recursive: true, force: true });
}
