/** Who starts a tree of processes and ends it: an owner of Shakedown, plain Node, or a bash script. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Clock } from '../../src/core/clock.ts';
import { type Environment, EXPECT_SUCCESS, STOP_POLITELY } from '../../src/core/suite.ts';
import type { Ms } from '../../src/core/units.ts';
import { ComponentLog } from '../../src/process/output/log.ts';
import { OutputScanner } from '../../src/process/output/scanner.ts';
import type { SpawnOptions } from '../../src/process/ownership/command-owner.ts';
import { Owner } from '../../src/process/ownership/owner.ts';
import { RunningService } from '../../src/process/service/service.ts';
import { Undos } from '../../src/process/undo/undos.ts';
import { signal } from '../measure.ts';
import { open, type Tier } from './tiers.ts';

const clock = new Clock();

/** The folder of the programs that are run: a sample is a bundle, which lies elsewhere. */
const PROGRAMS = process.env.BENCH_PROGRAMS ?? import.meta.dirname;
/** What everything is started with. */
export const ENVIRONMENT: Environment = { PATH: process.env.PATH ?? '', LC_ALL: 'C' };
/** A service's grace, as it is unless a config says otherwise. */
const GRACE = 5000 as Ms;

export interface Holder {
  /** Starts a tree of so many processes, all in one process group. */
  readonly start: (count: number) => Promise<void>;
  /** Ends the tree, and resolves with the milliseconds that the holder took until it was done with it. */
  readonly end: () => Promise<number>;
  /** CPU time of the holder so far, without its children. */
  readonly cpuMs: () => number;
  /** Gives up what the holder itself takes. Ends the tree if it has not been ended. */
  readonly close: () => Promise<void>;
}

/** Borne in the environment by the processes of the tree, and by nobody else: a tier may put others before it. */
const TREE = `BENCH_TREE=${process.pid}`;

/** The command that becomes a tree of so many processes. */
const treeOf = (count: number): [string, ...string[]] => [
  'env',
  TREE,
  join(PROGRAMS, 'forest'),
  String(count),
];

/** How many of them live. Reads /proc by itself: it is to hold what the product says to account. */
export function living(): number {
  let living = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d/.test(name)) continue;
    try {
      // That of a zombie is empty.
      if (readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(TREE)) living += 1;
    } catch {
      // It has ended since.
    }
  }
  return living;
}

const LIMIT = 20_000;

/** @throws when it has not come to that in time */
export async function untilLiving(count: number): Promise<void> {
  const deadline = performance.now() + LIMIT;
  for (let now = living(); now !== count; now = living()) {
    if (performance.now() > deadline) throw new Error(`${now} processes live where ${count} should`);
    await delay(1);
  }
}

/** CPU time of this process, all threads: nothing else goes on in it. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

export function spawnOptions(log: ComponentLog): SpawnOptions {
  return { cwd: '/', env: ENVIRONMENT, sink: { speaker: 'bench', log, scanner: new OutputScanner([], []) } };
}

async function holdByOwner(tier: Tier): Promise<Holder> {
  const { context, close } = await open(tier);
  const log = new ComponentLog(join(context.directory.logs, 'forest.log'));
  const owner = new Owner(context, 'forest');
  let ended = false;
  const end = async (): Promise<number> => {
    ended = true;
    return timed(() => owner.end(GRACE));
  };
  return {
    start: async (count) => {
      const started = await owner.spawn({ type: 'argv', argv: treeOf(count) }, spawnOptions(log));
      if (!started.ok) throw new Error(started.error.message);
    },
    end,
    cpuMs: ownCpuMs,
    close: async () => {
      if (!ended) await end();
      log.close();
      await close();
    },
  };
}

/** The same as a service in the background, which is also watched for its end. */
async function holdByService(tier: Tier): Promise<Holder> {
  const { context, close } = await open(tier);
  const log = new ComponentLog(join(context.directory.logs, 'forest.log'));
  const ready = join(context.directory.path, 'ready');
  let service: RunningService | undefined;
  const end = (): Promise<number> => timed(async () => service?.stop());
  return {
    start: async (count) => {
      const started = await RunningService.start(
        {
          name: 'forest',
          command: {
            type: 'shell',
            line: `setsid ${treeOf(count).join(' ')} >/dev/null 2>&1 & touch '${ready}'`,
          },
          port: null,
          stdin: 'ended',
          daemon: true,
          foreground: null,
          ready: { type: 'file', path: ready },
          readyTimeout: 5000 as Ms,
          stop: STOP_POLITELY,
          grace: GRACE,
          env: {},
          cwd: '/',
          needs: [],
          expect: EXPECT_SUCCESS,
          via: [],
        },
        {
          ...context,
          version: '0.0.0',
          id: 'forest',
          clock,
          openOwner: (id) => new Owner(context, id),
          undos: new Undos(context.directory.undos, {
            terms: () => ({ tier, secrets: [] }),
            reserve: () => {},
            carryOut: async () => undefined,
          }),
          env: ENVIRONMENT,
          log,
          signal: new AbortController().signal,
          hurry: new AbortController().signal,
          grace: GRACE,
          onSignal: () => () => {},
          onStart: () => () => {},
          onOwner: () => {},
          onActivity: () => {},
          snapshot: async () => undefined,
        },
      );
      if (!started.ok) throw new Error(started.error.message);
      service = started.value;
    },
    end,
    cpuMs: ownCpuMs,
    close: async () => {
      await end();
      log.close();
      await close();
    },
  };
}

/** As programs do that start their children as leaders of a group and signal the group. */
function holdByNode(): Holder {
  let child: ChildProcess | undefined;
  let exited: Promise<unknown> | undefined;
  const end = (): Promise<number> =>
    timed(async () => {
      if (child?.pid !== undefined && child.exitCode === null) signal(-child.pid, 'SIGTERM');
      await exited;
    });
  return {
    start: async (count) => {
      const [program, ...args] = treeOf(count);
      const started = spawn(program, args, {
        env: ENVIRONMENT,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      exited = new Promise((resolve) => started.once('exit', resolve));
      await new Promise((resolve, reject) => started.once('spawn', resolve).once('error', reject));
    },
    end,
    cpuMs: ownCpuMs,
    close: async () => {
      await end();
    },
  };
}

/** Of a process with one thread. */
function cpuMsOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
}

function holdByBash(): Holder {
  let bash: ChildProcess | undefined;
  let lines: AsyncIterator<string> | undefined;
  let ended = false;
  const nextNumber = async (): Promise<number> => Number((await lines?.next())?.value);
  const end = async (): Promise<number> => {
    ended = true;
    bash?.stdin?.write('end it\n');
    return (await nextNumber()) / 1000;
  };
  return {
    start: async (count) => {
      const started = spawn(join(PROGRAMS, 'end.bash'), treeOf(count), {
        env: ENVIRONMENT,
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      bash = started;
      lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
      await nextNumber();
    },
    end,
    cpuMs: () => cpuMsOf(bash?.pid ?? 0),
    close: async () => {
      if (!ended) await end();
      bash?.stdin?.end();
    },
  };
}

/** `bash`, `node`, a tier, or `service:` and a tier. */
export type HolderName = 'bash' | 'node' | Tier | `service:${Tier}`;

export async function openHolder(name: HolderName): Promise<Holder> {
  if (name === 'bash') return holdByBash();
  if (name === 'node') return holdByNode();
  return name.startsWith('service:')
    ? holdByService(name.slice('service:'.length) as Tier)
    : holdByOwner(name as Tier);
}
