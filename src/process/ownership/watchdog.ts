import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { registerChild } from '../system/children.ts';
import { hasProcessTable } from '../system/proc.ts';

/**
 * A shell waits on a pipe that we hold. When we are gone, by whatever signal, the pipe ends, and the shell becomes
 * the reaper. It has a session of its own, so that a signal to our whole group spares it, and it costs next to
 * nothing while it waits.
 */
const SCRIPT = `trap '' HUP INT QUIT TERM TSTP PIPE
if read -r word && [ "$word" = over ]; then exit 0; fi
exec "$1" "$2" "$3"`;

export interface Watchdog {
  /** Nothing is left to watch: waits until the watchdog has gone. */
  readonly dismiss: () => Promise<void>;
}

/** A machine on which watchdogs do not live is not to be kept busy with starting them. */
const MOST_WATCHDOGS = 10;

function startWatchdog(reaper: string, runDirectory: string): ChildProcess {
  const argv = ['-c', SCRIPT, 'shakedown-watchdog', process.execPath, reaper, runDirectory];
  const child = registerChild(
    spawn('/bin/sh', argv, { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] }),
  );
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  child.unref();
  return child;
}

/**
 * Sets a watchdog, and another one when somebody kills it.
 *
 * @param reaper path of the script that the watchdog turns into
 * @param runDirectory path of the run's folder, its only argument
 * @returns undefined where there is no process table to find anybody by
 */
export function setWatchdog(reaper: string, runDirectory: string): Watchdog | undefined {
  if (!hasProcessTable) return undefined;
  let isDismissed = false;
  let started = 0;
  let child: ChildProcess;
  const start = (): void => {
    started += 1;
    child = startWatchdog(reaper, runDirectory);
    child.once('exit', () => {
      if (!isDismissed && started < MOST_WATCHDOGS) start();
    });
  };
  start();
  return {
    dismiss: async () => {
      isDismissed = true;
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      const gone = once(child, 'exit');
      child.ref();
      child.stdin?.end('over\n');
      await gone;
    },
  };
}
