/** What open connections cost the load generator: ten thousand idle WebSockets, and a message with its answer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { number, parseOptions } from '../scripts/options.ts';
import type { LoadResult } from '../src/core/load.ts';
import { shakedownCommand } from './generators/peers.ts';
import { accepts, freePort } from './generators/servers.ts';
import { endRunning, type Measurement, measure } from './measure.ts';
import { runToItsEnd } from './rounds.ts';
import { here, inBenchFolder } from './suite.ts';

const COMMAND = {
  usage: 'bench/streams [options]',
  summary: 'what open connections cost: memory of idle WebSockets, CPU of a message with its answer',
  options: {
    connections: number('idle WebSockets; each takes a descriptor here and in the server: ulimit -n', 10_000),
    each: number('seconds that each measurement takes', 10),
  },
};

const TALKING = 64;
const MOST_MB = 400;
const PATIENCE = 30_000;

interface Sent {
  readonly measurement: Measurement;
  readonly result: LoadResult;
}

async function send(folder: string, options: object, seconds: number): Promise<Sent> {
  const output = join(folder, 'output');
  const measurement = await measure({
    command: shakedownCommand({ ...options, duration: `${seconds}s` }),
    cwd: folder,
    env: process.env,
    output,
    limitMs: seconds * 1000 + PATIENCE,
  });
  const text = readFileSync(output, 'utf8');
  const result = JSON.parse(text) as LoadResult;
  if (result.verdict === 'failed') throw new Error(text.slice(0, 500));
  return { measurement, result };
}

async function bench(url: string, folder: string, connections: number, each: number): Promise<string> {
  const idle = await send(folder, { url, connections }, each);
  const talking = await send(folder, { url, connections: TALKING, send: 'hello, shakedown' }, each);
  const open = idle.result.channel?.openAtEnd ?? 0;
  const { peakMb } = idle.measurement;
  const { completed } = talking.result.counts;
  const perMessage = (talking.measurement.cpuMs * 1000) / completed;
  const verdict = open === connections && peakMb <= MOST_MB ? 'holds' : 'MISSED';
  return [
    `${open.toLocaleString('en-US')} of ${connections.toLocaleString('en-US')} WebSockets kept open: ${peakMb.toFixed(0)} MB, at most ${MOST_MB} MB: ${verdict}`,
    `a message with its answer, ${TALKING} connections: ${perMessage.toFixed(1)} µs CPU, ${Math.round(completed / each).toLocaleString('en-US')}/s`,
    '',
  ].join('\n');
}

async function main(): Promise<void> {
  const said = parseOptions(COMMAND, process.argv.slice(2));
  if (said === undefined) return;
  const { connections, each } = said.options;
  await inBenchFolder(async (folder) => {
    const port = await freePort();
    let server: ChildProcess | undefined;
    try {
      const args = [here('./generators/sockets.mjs'), String(port)];
      server = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
      await accepts(port);
      process.stdout.write(await bench(`ws://127.0.0.1:${port}/`, folder, connections, each));
    } finally {
      server?.kill();
    }
  });
}

await runToItsEnd(main, endRunning);
