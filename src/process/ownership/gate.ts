/**
 * A gate: a command that is started ahead of its time, and held where it will run until somebody opens.
 *
 * A shell waits there for a word on a pipe, and then becomes the command (`exec`). All that is slow, the way into the
 * enclosure above all, is behind it by then. The command finds what it would have found without a gate: the same
 * descriptors, session, group and folder, and the same environment. For the last of these the shell must be known: every
 * shell sets PWD, some set more, and none passes on variables whose names it could not name itself.
 */
import { closeSync, openSync, realpathSync, writeSync } from 'node:fs';
import type { Command, Environment } from '../../core/suite.ts';
import type { Pipe, PipeSource } from '../output/pipe-source.ts';
import { hasProcessTable } from '../system/proc.ts';
import type { Argv } from './tiers/tier.ts';

/** The shells of some systems know descriptors of one digit only. The command does not inherit it. */
export const GATE_FD = 9;

/** Without a word the pipe has ended, since it is not wanted or we are gone: then it ends, and says nothing. */
const WAIT = `read -r shakedown_gate <&${GATE_FD} || exit 125; exec ${GATE_FD}<&-`;
/** Gives back the PWD that the shell has set for itself. */
const GIVE_BACK = 'PWD=$1; shift; exec "$@"';
const TAKE_AWAY = 'unset PWD; shift; exec "$@"';

const NAME = /^[A-Za-z_]\w*$/;
/** What a shell sets anew when it starts, whatever it was given. */
const SET_BY_SHELL = new Set(['IFS', 'LINENO', 'OPTIND', 'PPID', 'PS1', 'PS2', 'PS4']);

let isPlain: boolean | undefined;

/** Whether /bin/sh is known to set no other variable than PWD. */
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

/**
 * Whether a command would find the same environment behind a gate. A line for the shell always does: what a shell does to
 * an environment it does not do twice.
 */
export function canBeHeld(command: Command, env: Environment): boolean {
  if (!hasProcessTable) return false;
  if (command.type === 'shell') return true;
  return isPlainShell() && Object.keys(env).every((name) => NAME.test(name) && !SET_BY_SHELL.has(name));
}

/** The command as it is started at a gate. */
export function holdArgv(argv: Argv, command: Command, env: Environment): Argv {
  const restore = command.type === 'argv' && env.PWD === undefined ? TAKE_AWAY : GIVE_BACK;
  return ['/bin/sh', '-c', `${WAIT}; ${restore}`, 'shakedown-gate', env.PWD ?? '', ...argv];
}

export class Gate {
  /** What the shell waits at; ours is closed when it has been started. */
  readonly readFd: number;
  readonly #writeFd: number;

  private constructor(pipe: Pipe) {
    this.#writeFd = pipe.writeFd;
    // Opened anew: the one end that pipes have for us does not wait.
    this.readFd = openSync(`/proc/self/fd/${pipe.readFd}`, 'r');
    closeSync(pipe.readFd);
  }

  /** @returns undefined where there are no pipes */
  static async make(pipes: PipeSource): Promise<Gate | undefined> {
    const pipe = await pipes.take();
    return pipe === undefined ? undefined : new Gate(pipe);
  }

  /** The shell has been started, and has its own end. */
  isTaken(): void {
    closeSync(this.readFd);
  }

  open(): void {
    try {
      writeSync(this.#writeFd, '\n');
    } catch {
      // Whoever waited has been ended.
    }
    closeSync(this.#writeFd);
  }

  /** Has whoever waits end. */
  shut(): void {
    closeSync(this.#writeFd);
  }
}
