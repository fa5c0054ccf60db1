/** What may happen to Shakedown while a component runs. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EXIT_CRASHED } from '../src/core/verdict.ts';
import { programPath } from './behaviours.ts';
import type { Casualty } from './claims.ts';
import type { SmallDisk } from './disk.ts';
import { commandOf, isRunning, runningSince, type Stat, signal } from './proc.ts';
import type { Subject } from './subject.ts';

/** What an event has to work with. */
export interface Scene {
  readonly subject: Subject;
  /** The folder of the suite. */
  readonly project: string;
  readonly disk: SmallDisk | undefined;
  /** Tells the component's leader something: `exit CODE`, `say TEXT`. */
  readonly tell: (words: string) => void;
}

export interface ChaosEvent {
  readonly name: string;
  /** `direct`: only as a program that the harness itself has started; `terminal`: within one of its own. */
  readonly way?: 'direct' | 'terminal';
  /** Needs services with a client that has not started yet. */
  readonly beforeClient?: true;
  /** Needs a disk of its own, which only root can have. */
  readonly onSmallDisk?: true;
  /** The component has a time limit. */
  readonly limited?: true;
  /** What the output must not hold: a regular expression. */
  readonly forbid?: string;
  /** Options for Node itself. */
  readonly nodeOptions?: readonly string[];
  /** The signal that Shakedown must end by, since that is what it was sent. */
  readonly endsBy?: NodeJS.Signals;
  /** The code that Shakedown must exit with. */
  readonly exits?: number;
  /** Who does not live to clean up. */
  readonly kills?: Casualty;
  readonly act: (scene: Scene) => Promise<void>;
}

/** Signals within 200 ms count as one: npm sends what the terminal has sent already. */
const AGAIN_AFTER = 300;
/** How long a dead watchdog may stay unnoticed. */
const MOMENT = 300;

const send =
  (...names: readonly NodeJS.Signals[]) =>
  async ({ subject }: Scene): Promise<void> => {
    for (const [index, name] of names.entries()) {
      if (index > 0) await Promise.race([delay(AGAIN_AFTER), subject.ended]);
      signal(subject.id, name);
    }
  };

const end =
  (code: number) =>
  async ({ tell }: Scene): Promise<void> =>
    tell(`exit ${code}`);

/** What would clean up after Shakedown. */
function watchdogsOf({ id }: Subject): Stat[] {
  return runningSince(id.startTicks).filter(
    ({ pid, parent }) => parent === id.pid && commandOf(pid).includes('shakedown-watchdog'),
  );
}

async function killWatchdog({ subject }: Scene): Promise<void> {
  for (const watchdog of watchdogsOf(subject)) {
    signal(watchdog, 'SIGKILL');
    while (isRunning(watchdog)) await delay(1);
  }
}

/** The folders of living runs that this very program leads. */
function ownRuns({ subject, project }: Scene): string[] {
  const runs = join(project, '.shakedown/runs');
  return readdirSync(runs)
    .map((name) => join(runs, name))
    .filter((run) => {
      try {
        return (
          (JSON.parse(readFileSync(join(run, 'runner.json'), 'utf8')) as { pid: number }).pid ===
          subject.id.pid
        );
      } catch {
        return false;
      }
    });
}

/** What `git clean -fdx` does: whoever has a run in this folder is hit. */
const removeStateAnd =
  (then: (scene: Scene) => Promise<void> | void) =>
  async (scene: Scene): Promise<void> => {
    rmSync(join(scene.project, '.shakedown'), { recursive: true, force: true });
    await then(scene);
  };

/** Takes more time than anybody has to find out that it does not match. */
const CATASTROPHIC = '^(a+)+$';
const POISON = `${'a'.repeat(60)}!`;

export const EVENTS: readonly ChaosEvent[] = [
  { name: 'normal-end', act: end(0) },
  { name: 'failure', act: end(1) },
  { name: 'time-limit', limited: true, act: async () => {} },
  {
    name: 'exception',
    exits: EXIT_CRASHED,
    nodeOptions: ['--require', programPath('throw.cjs')],
    act: send('SIGUSR2'),
  },
  {
    name: 'leases-removed',
    way: 'direct',
    beforeClient: true,
    act: async (scene) => {
      for (const run of ownRuns(scene)) rmSync(join(run, 'leases'), { recursive: true, force: true });
      writeFileSync(join(scene.project, 'ready'), '');
      // The folder is made anew, so the run goes on until somebody ends it.
      scene.tell('exit 0');
    },
  },
  { name: 'state-folder-removed-then-end', act: removeStateAnd((scene) => scene.tell('exit 0')) },
  {
    name: 'state-folder-removed-then-sigkill',
    kills: 'shakedown',
    act: removeStateAnd(async (scene) => {
      await delay(MOMENT);
      signal(scene.subject.id, 'SIGKILL');
    }),
  },
  {
    name: 'output-closed',
    way: 'direct',
    act: async ({ subject, tell }) => {
      subject.child?.stdout?.destroy();
      subject.child?.stderr?.destroy();
      tell('exit 0');
    },
  },
  { name: 'sigint', endsBy: 'SIGINT', act: send('SIGINT') },
  { name: 'sigint-twice', endsBy: 'SIGINT', act: send('SIGINT', 'SIGINT') },
  { name: 'sigterm', endsBy: 'SIGTERM', act: send('SIGTERM') },
  { name: 'sighup', endsBy: 'SIGHUP', act: send('SIGHUP') },
  {
    name: 'terminal-closed',
    way: 'terminal',
    act: async ({ subject }) => {
      subject.child?.kill('SIGKILL');
    },
  },
  { name: 'sigkill', kills: 'shakedown', act: send('SIGKILL') },
  {
    name: 'sigkill-group',
    kills: 'shakedown',
    way: 'direct',
    act: async ({ subject }) => {
      if (isRunning(subject.id)) process.kill(-subject.id.pid, 'SIGKILL');
    },
  },
  {
    name: 'watchdog-killed-then-end',
    act: async (scene) => {
      await killWatchdog(scene);
      scene.tell('exit 0');
    },
  },
  {
    name: 'watchdog-killed-then-sigkill',
    kills: 'shakedown',
    act: async (scene) => {
      await killWatchdog(scene);
      await delay(MOMENT);
      signal(scene.subject.id, 'SIGKILL');
    },
  },
  {
    name: 'watchdog-and-sigkill',
    kills: 'both',
    act: async ({ subject }) => {
      // Stopped, it cannot set another one.
      signal(subject.id, 'SIGSTOP');
      for (const watchdog of watchdogsOf(subject)) signal(watchdog, 'SIGKILL');
      signal(subject.id, 'SIGKILL');
    },
  },
  {
    name: 'disk-full-then-end',
    onSmallDisk: true,
    act: async ({ disk, tell }) => {
      disk?.fill();
      tell('exit 0');
    },
  },
  {
    name: 'disk-full-then-sigkill',
    kills: 'shakedown',
    onSmallDisk: true,
    act: async ({ disk, subject }) => {
      disk?.fill();
      await delay(MOMENT);
      signal(subject.id, 'SIGKILL');
    },
  },
  {
    name: 'stopped-then-end',
    act: async ({ subject, tell }) => {
      signal(subject.id, 'SIGSTOP');
      tell('exit 0');
    },
  },
  {
    name: 'stopped-beyond-limit',
    limited: true,
    act: async ({ subject }) => {
      // Before there is a watchdog there is nobody either who could do this.
      const isWatched = (): boolean => watchdogsOf(subject).length > 0;
      while (isRunning(subject.id) && !isWatched()) await delay(1);
      signal(subject.id, 'SIGSTOP');
    },
  },
  {
    name: 'stopped-then-sigkill',
    kills: 'shakedown',
    act: async ({ subject }) => {
      signal(subject.id, 'SIGSTOP');
      await delay(MOMENT);
      signal(subject.id, 'SIGKILL');
    },
  },
  {
    name: 'busy-then-sigkill',
    kills: 'shakedown',
    forbid: CATASTROPHIC,
    act: async (scene) => {
      scene.tell(`say ${POISON}`);
      await delay(MOMENT);
      await send('SIGINT', 'SIGINT', 'SIGKILL')(scene);
    },
  },
];
