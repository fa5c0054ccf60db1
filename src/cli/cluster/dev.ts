/** `shakedown cluster dev`: the Temporal CLI as a server for agents on this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EXIT_CODES } from '../../core/verdict.ts';
import { findProgram } from '../../files/find-program.ts';
import type { Program } from '../flags.ts';
import { type Outcome, refuse, SUCCESS } from '../outcome.ts';
import { say } from '../say.ts';
import { watchSignals } from '../signals.ts';

export interface ClusterFlags {
  readonly port: number;
  readonly db?: string;
}

const HOST = '127.0.0.1';
const LOOK_EVERY = 50;

/** Runs a program until it ends, or until our end of its input is closed, however we end. */
const HELD = 'exec 3<&0; "$@" </dev/null 3<&- & p=$!; { read _ <&3; kill $p 2>/dev/null; } & wait $p';

const accepts = (port: number): Promise<boolean> =>
  new Promise((answer) => {
    const socket = connect({ host: HOST, port });
    const finish = (isOpen: boolean): void => {
      socket.destroy();
      answer(isOpen);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });

async function untilOpen(port: number, server: ChildProcess): Promise<boolean> {
  while (server.exitCode === null && server.signalCode === null) {
    if (await accepts(port)) return true;
    await delay(LOOK_EVERY);
  }
  return false;
}

export async function clusterDev(flags: ClusterFlags, program: Program): Promise<Outcome> {
  const { port, db } = flags;
  const temporal = findProgram('temporal', process.env.PATH);
  if (temporal === undefined)
    return refuse([
      {
        message: 'there is no program `temporal` in the PATH: the Temporal CLI, which has the server',
        hint: 'install it (https://docs.temporal.io/cli), or: go install github.com/temporalio/cli/cmd/temporal@v1.5.1',
      },
    ]);
  if (await accepts(port))
    return refuse([
      { message: `something listens on port ${port} already`, hint: 'join that, or choose another --port' },
    ]);
  const args = [
    'server',
    'start-dev',
    '--headless',
    '--ip',
    HOST,
    '--port',
    String(port),
    '--log-level',
    'error',
  ];
  if (db !== undefined) args.push('--db-filename', resolve(program.cwd, db));
  const signals = watchSignals(() => {}, program.lastResort);
  const server = spawn('/bin/sh', ['-c', HELD, 'sh', temporal, ...args], {
    stdio: ['pipe', 'ignore', 'inherit'],
    // A Ctrl-C is for us to hand on.
    detached: true,
  });
  const hasEnded = once(server, 'exit');
  const stop = (): void => void server.stdin?.end();
  signals.control.stop.addEventListener('abort', stop);
  if (await untilOpen(port, server)) {
    say(`shakedown cluster: a server for this machine is ready at localhost:${port}`);
    say(`  shakedown agent --join localhost:${port}`);
    say(`  shakedown load URL --agents 1 --join localhost:${port}`);
  }
  await hasEnded;
  const received = signals.received();
  signals.release();
  if (received !== undefined) return { ...SUCCESS, signal: received };
  say('shakedown: the server of Temporal has ended by itself; what it said is above', process.stderr);
  return { exitCode: EXIT_CODES.inconclusive };
}
