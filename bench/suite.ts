/** One run of the suite by one runner, with what the server and the client wrote down. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TierChoice } from '../src/core/ownership.ts';
import { listeningLoopback } from '../src/process/system/sockets.ts';
import { isAlive, type Measurement, measure, signal } from './measure.ts';

export const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const SUITE = here('./suite');
export const SHAKEDOWN = here('../dist/cli.js');
const RUN_LIMIT = 30_000;
const SERVER_GONE_WITHIN = 2000;

/** A way to run the suite, or its server and client alone. */
export interface Runner {
  readonly id: string;
  readonly title: string;
  readonly command: (port: number, reportFile: string) => readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
  /** Whether it writes a JSON report. */
  readonly reports: boolean;
}

/** What Shakedown's JSON report says of where the time went. */
export interface Account {
  /** The components' durations. */
  readonly componentsMs: number;
  /** Of these, what no step and no start of a server accounts for. */
  readonly betweenMs: number;
}

export interface SuiteSample extends Measurement {
  /** From the moment in which the server accepts to the begin of the client's process. */
  readonly reactionMs: number;
  readonly account: Account | null;
}

const bash =
  (names: readonly string[]): Runner['command'] =>
  () => [join(SUITE, 'run.sh'), ...names];

const shakedown =
  (names: readonly string[], tier?: TierChoice): Runner['command'] =>
  (port, reportFile) => [
    process.execPath,
    SHAKEDOWN,
    ...names,
    '--dir',
    SUITE,
    '--port',
    String(port),
    '--report',
    `json=${reportFile}`,
    ...(tier === undefined ? [] : ['--ownership', tier]),
  ];

const peer =
  (script: string): Runner['command'] =>
  (port) => [process.execPath, script, './http', `http://127.0.0.1:${port}`, `./client ${port}`];

export const WHOLE_SUITE: readonly Runner[] = [
  { id: 'bash', title: 'bash script', command: bash([]), reports: false },
  { id: 'shakedown', title: 'Shakedown', command: shakedown([]), reports: true },
];

/** The peer as it comes looks every 2 s; it is also shown at its best. */
const PEER_INTERVAL = '25';

/** @param script of start-server-and-test, where there is one */
export function serverAndClient(script: string | undefined): Runner[] {
  const peers: Runner[] =
    script === undefined
      ? []
      : [
          { id: 'peer', title: 's-s-a-t', command: peer(script), reports: false },
          {
            id: 'peer-fast',
            title: `s-s-a-t, ${PEER_INTERVAL} ms`,
            command: peer(script),
            env: { WAIT_ON_INTERVAL: PEER_INTERVAL },
            reports: false,
          },
        ];
  return [
    { id: 'bash-http', title: 'bash script', command: bash(['http']), reports: false },
    { id: 'shakedown-http', title: 'Shakedown', command: shakedown(['http']), reports: true },
    ...peers,
  ];
}

/** The server and the client alone, in one tier of ownership. */
export const inTier = (tier: TierChoice): Runner => ({
  id: `shakedown-${tier}`,
  title: tier,
  command: shakedown(['http'], tier),
  reports: true,
});

/** The environment of everything that is run: this Node first, and nothing that would make runners talk. */
export function benchEnvironment(extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, FORCE_COLOR: _color, ...inherited } = process.env;
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  return { ...inherited, CI: '1', PATH: path, ...extra };
}

/**
 * Measures in a temporary folder.
 *
 * @throws when the bench cannot run here
 */
export async function inBenchFolder(work: (folder: string) => Promise<void>): Promise<void> {
  if (process.platform !== 'linux') throw new Error('the bench reads /proc, which only Linux has');
  if (!existsSync(SHAKEDOWN)) throw new Error('dist/cli.js is missing: run `npm run build` first');
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-bench-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Where the server and the client write down what they see. */
function freshRecords(folder: string): string {
  const records = join(folder, 'records');
  rmSync(records, { recursive: true, force: true });
  mkdirSync(records);
  return records;
}

function readTime(records: string, name: string): bigint {
  return BigInt(readFileSync(join(records, name), 'utf8').trim());
}

/** Undefined when the run did not come as far as to start the server. */
function serverPid(records: string): number | undefined {
  const path = join(records, 'server.pid');
  return existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined;
}

interface JsonReport {
  readonly components: readonly {
    readonly durationMs: number;
    readonly steps: readonly { readonly durationMs: number }[];
    readonly services: readonly { readonly readyAfterMs: number }[];
  }[];
}

function readAccount(file: string): Account {
  const { components } = JSON.parse(readFileSync(file, 'utf8')) as JsonReport;
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const componentsMs = sum(components.map(({ durationMs }) => durationMs));
  const stepsMs = sum(components.flatMap(({ steps }) => steps.map(({ durationMs }) => durationMs)));
  const startsMs = sum(
    components.flatMap(({ services }) => services.map(({ readyAfterMs }) => readyAfterMs)),
  );
  return { componentsMs, betweenMs: componentsMs - stepsMs - startsMs };
}

/** How long a client takes to begin that is started at once: this much of a runner's reaction is not the runner's. */
export async function sampleClientStart(folder: string): Promise<number> {
  const records = freshRecords(folder);
  const startedAt = process.hrtime.bigint();
  await promisify(execFile)(join(SUITE, 'client'), ['0'], {
    env: benchEnvironment({ BENCH_RECORDS: records }),
    timeout: RUN_LIMIT,
  });
  return Number(readTime(records, 'client-begins') - startedAt) / 1e6;
}

/**
 * How long a server takes, from the moment in which it accepts, to answer the first request that is made at once: so much
 * of a reaction is no runner's that waits for an answer.
 */
export async function sampleFirstAnswer(folder: string): Promise<number> {
  const records = freshRecords(folder);
  const port = await freePort();
  const server = spawn(join(SUITE, 'http'), {
    env: benchEnvironment({ PORT: String(port), BENCH_RECORDS: records }),
    stdio: 'ignore',
  });
  try {
    const deadline = performance.now() + RUN_LIMIT;
    while (listeningLoopback(port).length === 0) {
      if (performance.now() > deadline) throw new Error('the server of the suite does not listen');
      await delay(1);
    }
    const answer = once(get({ port, host: '127.0.0.1', agent: false }), 'response');
    const [response] = (await answer) as [IncomingMessage];
    const answeredAt = process.hrtime.bigint();
    response.resume();
    return Number(answeredAt - readTime(records, 'server-accepts')) / 1e6;
  } finally {
    server.kill('SIGKILL');
  }
}

/** A script that does not wait for its server would have the next run pay for it. */
async function untilServerGone(pid: number): Promise<void> {
  const deadline = performance.now() + SERVER_GONE_WITHIN;
  while (isAlive(pid) && performance.now() < deadline) await delay(2);
  if (isAlive(pid)) signal(pid, 'SIGKILL');
}

/**
 * @param folder where the run may write; its own
 * @throws when the run did not pass: there is nothing to compare then
 */
export async function sampleSuite(runner: Runner, folder: string): Promise<SuiteSample> {
  const records = freshRecords(folder);
  const port = await freePort();
  const reportFile = join(records, 'report.json');
  const output = join(folder, `${runner.id}.out`);
  let measurement: Measurement;
  try {
    measurement = await measure({
      command: runner.command(port, reportFile),
      cwd: runner.reports ? folder : SUITE,
      env: benchEnvironment({ ...runner.env, PORT: String(port), BENCH_RECORDS: records }),
      output,
      limitMs: RUN_LIMIT,
    });
  } finally {
    const server = serverPid(records);
    if (server !== undefined) await untilServerGone(server);
  }
  if (measurement.exitCode !== 0) {
    const said = readFileSync(output, 'utf8').trimEnd();
    throw new Error(`${runner.title} ended with code ${measurement.exitCode}:\n${said}`);
  }
  return {
    ...measurement,
    reactionMs: Number(readTime(records, 'client-begins') - readTime(records, 'server-accepts')) / 1e6,
    account: runner.reports ? readAccount(reportFile) : null,
  };
}
