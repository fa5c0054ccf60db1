/**
 * Whether a run lives that may be of another PID namespace, another container or another machine.
 *
 * Where its pids are ours, its pid and start time tell. In another namespace of the same kernel a *sign of life* tells: a
 * named pipe that the runner has open for reading. Opened for writing without waiting it gives ENXIO when nobody has,
 * which is so from the moment on in which the runner has ended, however it did, and nobody can forget to take it away.
 * That is what a lock by flock(2) would say, for which Node has no call. Whatever cannot be told is said to be unknown.
 */
import { closeSync, constants, openSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { hasProcessTable, isAlive, type ProcessId } from '../process/system/proc.ts';

/** What a pid of a runner means something in. */
export interface Whereabouts {
  /** Of the kernel: another one after each start of the machine. Null where it cannot be told. */
  readonly boot: string | null;
  /** Stays the same when the machine is started anew. */
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

/** Where this process is. */
export function whereabouts(): Whereabouts {
  const machine = read('/etc/machine-id');
  return {
    boot: read('/proc/sys/kernel/random/boot_id'),
    // Containers may all have the one that their image came with.
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
  if (!hasProcessTable || isSameNamespace(runner, here)) return isAlive(runner) ? 'alive' : 'dead';
  return readSign(sign);
}

/** Whether the same machine was started anew since: nothing of that time is left. */
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
