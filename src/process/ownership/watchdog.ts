import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunDirectory } from '../../store/run-directory.ts';
import { registerGroup } from '../system/children.ts';
import { hasProcessTable, killGroup } from '../system/proc.ts';

/** So often in a row, a second apart, we may be found stopped. */
const MOST_LOOKS = 15;

/**
 * Looks once a second whether we have been stopped, by SIGSTOP from a component for instance: nothing would have a limit
 * any more. It has us go on at the second such look, and kills us, which calls the reaper, when we are stopped again and
 * again. Whoever is in the background of a terminal may be stopped by the terminal, and is not killed for it.
 */
const HEARTBEAT = `trap 'kill "$nap"; exit' USR1
runner=$1 ticks=$2 looks=0
while sleep 1 & nap=$!; wait "$nap"; do
  read -r stat </proc/self/stat && set -- \${stat##*) }
  [ "$2" = "$PPID" ] || exit
  read -r stat <"/proc/$runner/stat" && set -- \${stat##*) }
  [ "\${20}" = "$ticks" ] || exit
  if [ "$1" != T ]; then looks=0; continue; fi
  looks=$((looks + 1))
  if [ "$looks" -ge ${MOST_LOOKS} ] && { [ "$5" = 0 ] || [ "$6" = "$3" ]; }; then kill -KILL "$runner"; exit; fi
  if [ "$looks" -ge 2 ]; then kill -CONT "$runner"; fi
done`;

/**
 * A shell waits on a pipe that we hold. When we are gone, by whatever signal, the pipe ends, and the shell becomes
 * the reaper. It has a session of its own, so that a signal to our whole group spares it, and it costs next to
 * nothing while it waits. What the reaper has to know it is told at once, for the folder of the run may be removed.
 * While we stand still with all that we run (Ctrl-Z) there is no heartbeat.
 */
const SCRIPT = `trap '' HUP INT QUIT TERM TSTP PIPE
node=$1 reaper=$2 facts=$3 heartbeat=$4 runner=$5 ticks=$6
attend() { /bin/sh -c "$heartbeat" shakedown-heartbeat "$runner" "$ticks" 3<&- & beat=$!; }
rest() { kill -USR1 "$beat" && wait "$beat"; }
attend
while read -r word; do
  case $word in
    over) rest; exit 0 ;;
    hold) rest ;;
    go) attend ;;
  esac
done
rest
exec "$node" "$reaper" "$facts"`;

export interface Watchdog {
  /** We are about to stop, with all that we run, and are not to be woken. */
  readonly suspend: () => void;
  /** We go on. */
  readonly resume: () => void;
  /** Nothing is left to watch: waits until the watchdog has gone. */
  readonly dismiss: () => Promise<void>;
}

/** A machine on which watchdogs do not live is not to be kept busy with starting them. */
const MOST_WATCHDOGS = 10;

/** One that does not go when it is told to, since somebody has stopped it, is not waited for. */
const DISMISSED_WITHIN = 2000;

function startWatchdog(reaper: string, { path, runner, journalFile }: RunDirectory): ChildProcess {
  const facts = JSON.stringify({ path, runner });
  const identity = [String(runner.pid), String(runner.startTicks)];
  const argv = ['-c', SCRIPT, 'shakedown-watchdog', process.execPath, reaper, facts, HEARTBEAT, ...identity];
  const stdio = ['pipe', 'ignore', 'ignore', journalFile ?? 'ignore'] as const;
  const child = registerGroup(spawn('/bin/sh', argv, { cwd: '/', detached: true, stdio: [...stdio] }));
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  child.unref();
  return child;
}

/**
 * Sets a watchdog, and another one when somebody kills it.
 *
 * @param reaper path of the script that the watchdog turns into
 * @returns undefined where there is no process table to find anybody by
 */
export function setWatchdog(reaper: string, directory: RunDirectory): Watchdog | undefined {
  if (!hasProcessTable) return undefined;
  let isDismissed = false;
  let started = 0;
  let child: ChildProcess;
  const start = (): void => {
    started += 1;
    child = startWatchdog(reaper, directory);
    const { pid } = child;
    child.once('exit', () => {
      // Of one that was killed there is still its heartbeat.
      if (pid !== undefined) killGroup(pid);
      if (!isDismissed && started < MOST_WATCHDOGS) start();
    });
  };
  start();
  return {
    suspend: () => child.stdin?.write('hold\n'),
    resume: () => child.stdin?.write('go\n'),
    dismiss: async () => {
      isDismissed = true;
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      const gone = once(child, 'exit');
      child.ref();
      child.stdin?.end('over\n');
      await Promise.race([gone, delay(DISMISSED_WITHIN, undefined, { ref: false })]);
      child.kill('SIGKILL');
      child.unref();
    },
  };
}
