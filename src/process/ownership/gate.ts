/**
 * A gate: a command that is started early and held back until it is to run.
 *
 * A shell waits for a byte on a pipe, then becomes the command (`exec`). All slow steps, entering the enclosure above
 * all, are done by then. The command finds what it would without a gate: the same descriptors, session, group, folder
 * and environment. The last holds only for known shells: every shell sets PWD, some set more, and none passes on
 * variables whose names are not valid in a shell.
 */
import { closeSync, openSync, realpathSync, writeSync } from 'node:fs';
import type { Command, Environment } from '../../core/suite.ts';
import type { Pipe, PipeSource } from '../output/pipe-source.ts';
import { hasProcessTable } from '../system/proc.ts';
import type { Argv } from './tiers/tier.ts';

/** Some shells know only one-digit descriptors. The command does not inherit it. */
export const GATE_FD = 9;

/** If the pipe ends without a byte, the command is not wanted or we are gone: exit silently. */
const WAIT = `read -r shakedown_gate <&${GATE_FD} || exit 125; exec ${GATE_FD}<&-`;
/** Restores the PWD that the shell overwrote. */
const GIVE_BACK = 'PWD=$1; shift; exec "$@"';
const TAKE_AWAY = 'unset PWD; shift; exec "$@"';

const NAME = /^[A-Za-z_]\w*$/;
/** Variables that shells set themselves at startup. */
const SET_BY_SHELL = new Set(['IFS', 'LINENO', 'OPTIND', 'PPID', 'PS1', 'PS2', 'PS4']);

let isPlain: boolean | undefined;

/** Whether /bin/sh is known to set only PWD. */
function isPlainShell(): boolean {
  if (isPlain === undefined) {
    try {
      isPlain = /(?:^|\/)dash$/.test(realpathSync('/bin/sh'));
    } catch {
      isPlain = false;
    }
  }
  return isPlain;
}

/** Whether a command finds the same environment behind a gate. A shell line does: it starts a shell anyway. */
export function canBeHeld(command: Command, env: Environment): boolean {
  if (!hasProcessTable) return false;
  if (command.type === 'shell') return true;
  return isPlainShell() && Object.keys(env).every((name) => NAME.test(name) && !SET_BY_SHELL.has(name));
}

/** The command, wrapped so that it waits at a gate. */
export function holdArgv(argv: Argv, command: Command, env: Environment): Argv {
  const restore = command.type === 'argv' && env.PWD === undefined ? TAKE_AWAY : GIVE_BACK;
  return ['/bin/sh', '-c', `${WAIT}; ${restore}`, 'shakedown-gate', env.PWD ?? '', ...argv];
}

export class Gate {
  /** The shell's end; ours is closed once the shell has started. */
  readonly readFd: number;
  readonly #writeFd: number;

  private constructor(pipe: Pipe) {
    this.#writeFd = pipe.writeFd;
    // Reopened: pipes hand it to us in non-blocking mode.
    this.readFd = openSync(`/proc/self/fd/${pipe.readFd}`, 'r');
    closeSync(pipe.readFd);
  }

  /** @returns undefined where there are no pipes */
  static async make(pipes: PipeSource): Promise<Gate | undefined> {
    const pipe = await pipes.take();
    return pipe === undefined ? undefined : new Gate(pipe);
  }

  /** The shell has started, and has its own end. */
  isTaken(): void {
    closeSync(this.readFd);
  }

  open(): void {
    try {
      writeSync(this.#writeFd, '\n');
    } catch {
      // The waiting shell has been ended.
    }
    closeSync(this.#writeFd);
  }

  /** The waiting shell exits. */
  shut(): void {
    closeSync(this.#writeFd);
  }
}
