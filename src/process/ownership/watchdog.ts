import { type ChildProcess, spawn } from 'node:child_process';
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

/**
 * @param reaper path of the script that the watchdog turns into
 * @param runDirectory path of the run's folder, its only argument
 * @returns undefined where there is no process table to find anybody by
 */
export function setWatchdog(reaper: string, runDirectory: string): Watchdog | undefined {
  if (!hasProcessTable) return undefined;
  const child: ChildProcess = spawn(
    '/bin/sh',
    ['-c', SCRIPT, 'shakedown-watchdog', process.execPath, reaper, runDirectory],
    {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.unref();
  return {
    dismiss: async () => {
      if (child.exitCode !== null || child.pid === undefined) return;
      child.ref();
      child.stdin?.end('over\n');
      await gone;
    },
  };
}
