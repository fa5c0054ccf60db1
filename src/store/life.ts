/**
 * Whether a run is alive that may be in another PID namespace, another container or on another machine.
 *
 * Where its pids mean the same as ours, pid and start time tell. In another namespace of the same kernel a *sign of
 * life* does: a named pipe that the runner holds open for reading. Opening it for writing without blocking fails with
 * ENXIO when nobody has it open, which is so from the moment the runner ends, however it ends, with nothing to clean
 * up. An flock(2) would do the same, but Node has no call for it. Whatever cannot be determined is `unknown`.
 */
import { closeSync, constants, openSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { canSignal, hasProcessTable, isAlive, type ProcessId, readProcess } from '../process/system/proc.ts';

/** The scope in which a runner's pid is valid. */
export interface Whereabouts {
  /** The kernel's boot id: changes with each boot. Null where it cannot be read. */
  readonly boot: string | null;
  /** Survives reboots. */
  readonly machine: string | null;
  /** Null where /proc is not that of our own namespace. */
  readonly pidNamespace: string | null;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1').trim() || null;
  } catch {
    return null;
  }
}

function ownPidNamespace(): string | null {
  try {
    return readlinkSync('/proc/self') === String(process.pid) ? readlinkSync('/proc/self/ns/pid') : null;
  } catch {
    return null;
  }
}

/** This process's. */
export function whereabouts(): Whereabouts {
  const machine = read('/etc/machine-id');
  return {
    boot: read('/proc/sys/kernel/random/boot_id'),
    // Containers from one image may all share its machine id.
    machine: machine === null ? null : `${machine} ${hostname()}`,
    pidNamespace: ownPidNamespace(),
  };
}

export type Life = 'alive' | 'dead' | 'unknown';

/**
 * @param sign path of its sign of life
 * @param here where this process is
 */
export function lifeOf(runner: ProcessId & Whereabouts, sign: string, here: Whereabouts): Life {
  if (runner.boot !== here.boot) return isRestarted(runner, here) ? 'dead' : 'unknown';
  if (hasProcessTable && !isSameNamespace(runner, here)) return readSign(sign);
  if (isAlive(runner)) return 'alive';
  return isUnseen(runner) ? readSign(sign) : 'dead';
}

/** Whether something has its pid that /proc does not show, as with `hidepid`: it may be another user's run. */
const isUnseen = ({ pid }: ProcessId): boolean => readProcess(pid) === undefined && canSignal(pid);

/** Whether the same machine has rebooted since: nothing from that time is left. */
export const isRestarted = (then: Whereabouts, here: Whereabouts): boolean =>
  then.boot !== here.boot && then.boot !== null && then.machine !== null && then.machine === here.machine;

/** Whether pids mean the same there and here. */
const isSameNamespace = (there: Whereabouts, here: Whereabouts): boolean =>
  there.boot === here.boot && there.pidNamespace !== null && there.pidNamespace === here.pidNamespace;

function readSign(sign: string): Life {
  try {
    closeSync(openSync(sign, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW));
    return 'alive';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENXIO' ? 'dead' : 'unknown';
  }
}

/** Opens a named pipe as a sign of life, which it is for as long as it is open. */
export const openSign = (path: string): number =>
  openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
