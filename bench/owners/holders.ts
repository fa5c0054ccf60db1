/** Who starts a tree of processes and ends it: an owner of Shakedown, plain Node, or a bash script. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Environment, EXPECT_SUCCESS } from '../../src/domain/suite.ts';
import type { Ms } from '../../src/domain/units.ts';
import { ComponentLog } from '../../src/process/output/log.ts';
import { OutputScanner } from '../../src/process/output/scanner.ts';
import { Owner, type SpawnOptions } from '../../src/process/ownership/owner.ts';
import { RunningService } from '../../src/process/service/service.ts';
import { signal } from '../measure.ts';
import { openTier, type Tier } from './tiers.ts';

/** The folder of the programs that are run: a sample is a bundle, which lies elsewhere. */
const PROGRAMS = process.env.BENCH_PROGRAMS ?? import.meta.dirname;
const FOREST = join(PROGRAMS, 'forest');
/** What everything is started with. */
export const ENVIRONMENT: Environment = { PATH: process.env.PATH ?? '', LC_ALL: 'C' };
/** A service's grace, as it is unless a config says otherwise. */
const GRACE = 5000 as Ms;

export interface Holder {
  /** Starts a tree of so many processes, all in one process group, and resolves with the pid of its root. */
  readonly start: (count: number) => Promise<number>;
  /** Ends the tree, and resolves with the milliseconds that the holder took until it was done with it. */
  readonly end: () => Promise<number>;
  /** CPU time of the holder so far, without its children. */
  readonly cpuMs: () => number;
  /** Gives up what the holder itself takes. Ends the tree if it has not been ended. */
  readonly close: () => Promise<void>;
}

/** How many processes of a group live. Reads /proc by itself: it is to hold what the product says to account. */
export function livingIn(group: number): number {
  let living = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const [state, , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(itsGroup) === group && state !== 'Z' && state !== 'X') living += 1;
    } catch {
      // It has ended since.
    }
  }
  return living;
}

const LIMIT = 20_000;

/** @throws when it has not come to that in time */
export async function untilLiving(group: number, count: number): Promise<void> {
  const deadline = performance.now() + LIMIT;
  for (let living = -1; living !== count; await delay(1)) {
    if (performance.now() > deadline) throw new Error(`${living} processes live where ${count} should`);
    living = livingIn(group);
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
  const { context, close } = await openTier(tier);
  const log = new ComponentLog(join(context.directory.logs, 'forest.log'));
  const owner = new Owner(context, 'forest');
  let ended = false;
  const end = async (): Promise<number> => {
    ended = true;
    return timed(() => owner.end(GRACE));
  };
  return {
    start: async (count) => {
      const started = await owner.spawn({ type: 'argv', argv: [FOREST, String(count)] }, spawnOptions(log));
      if (!started.ok) throw new Error(started.error.message);
      return started.value.pid;
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
  const { context, close } = await openTier(tier);
  const log = new ComponentLog(join(context.directory.logs, 'forest.log'));
  const root = join(context.directory.path, 'forest.pid');
  let service: RunningService | undefined;
  const end = (): Promise<number> => timed(async () => service?.stop());
  return {
    start: async (count) => {
      const started = await RunningService.start(
        {
          name: 'forest',
          command: {
            type: 'shell',
            line: `setsid '${FOREST}' ${count} >/dev/null 2>&1 & echo $! > '${root}'`,
          },
          port: null,
          daemon: true,
          foreground: null,
          ready: { type: 'file', path: root },
          readyTimeout: 5000 as Ms,
          grace: GRACE,
          env: {},
          cwd: '/',
          needs: [],
          expect: EXPECT_SUCCESS,
        },
        {
          ...context,
          id: 'forest',
          env: ENVIRONMENT,
          log,
          signal: new AbortController().signal,
          hurry: new AbortController().signal,
        },
      );
      if (!started.ok) throw new Error(started.error.message);
      service = started.value;
      return Number(readFileSync(root, 'utf8'));
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
      const started = spawn(FOREST, [String(count)], {
        env: ENVIRONMENT,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      exited = new Promise((resolve) => started.once('exit', resolve));
      await new Promise((resolve, reject) => started.once('spawn', resolve).once('error', reject));
      return started.pid ?? 0;
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
      const started = spawn(join(PROGRAMS, 'end.bash'), [FOREST, String(count)], {
        env: ENVIRONMENT,
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      bash = started;
      lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
      return nextNumber();
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
