import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import type { RunDirectory } from '../../store/run-directory.ts';
import { registerGroup } from '../system/children.ts';
import { hasProcessTable, killGroup } from '../system/proc.ts';

/** How many checks in a row, a second apart, may find us stopped. */
const MOST_LOOKS = 15;

/**
 * Checks once a second whether we are stopped, for instance by a component's SIGSTOP: time limits would no longer
 * work. It resumes us at the second such check. If we are stopped again and again, it kills us, which starts the reaper.
 * A background job may be stopped by its terminal, and is not killed for that.
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
 * A shell waits on a pipe that we hold. When we die, by whatever signal, the pipe ends, and the shell becomes the
 * reaper. Its own session protects it from signals to our group, and it costs next to nothing while it waits. It gets
 * all that the reaper needs at once, or has it open (the journal, what is to be undone), since the run's folder may be removed. There is no heartbeat while we are
 * suspended on purpose (Ctrl-Z).
 */
const SCRIPT = `trap '' HUP INT QUIT TERM TSTP PIPE
node=$1 reaper=$2 facts=$3 heartbeat=$4 runner=$5 ticks=$6
attend() { /bin/sh -c "$heartbeat" shakedown-heartbeat "$runner" "$ticks" 3<&- 4<&- & beat=$!; }
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
  /** We are about to stop, with all that we run, and must not be resumed. */
  readonly suspend: () => void;
  /** We are running again. */
  readonly resume: () => void;
  /** Nothing is left to watch: waits until the watchdog has gone. */
  readonly dismiss: () => Promise<void>;
}

/** Where watchdogs keep dying, do not keep the machine busy starting them. */
const MOST_WATCHDOGS = 10;

/** One that does not go when told to, because it is stopped, is not waited for. */
const DISMISSED_WITHIN = 2000;

function startWatchdog(reaper: string, { path, runner, journalFile, undosFile }: RunDirectory): ChildProcess {
  const facts = JSON.stringify({ path, runner, isThread: !isMainThread });
  const identity = [String(runner.pid), String(runner.startTicks)];
  const argv = ['-c', SCRIPT, 'shakedown-watchdog', process.execPath, reaper, facts, HEARTBEAT, ...identity];
  const stdio = ['pipe', 'ignore', 'ignore', journalFile ?? 'ignore', undosFile ?? 'ignore'] as const;
  const child = registerGroup(spawn('/bin/sh', argv, { cwd: '/', detached: true, stdio: [...stdio] }));
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  child.unref();
  return child;
}

/**
 * Starts a watchdog, and another one when it is killed.
 *
 * @param reaper path of the script that the watchdog turns into
 * @returns undefined where there is no process table to search
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
      // The killed one's heartbeat is still running.
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
