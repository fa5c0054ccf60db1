/**
 * A gate: a command that is started early and held back until it is to run.
 *
 * A shell waits for a byte on a pipe, then becomes the command (`exec`). All slow steps, entering the enclosure above
 * all, are done by then. The command finds what it would without a gate: the same descriptors, session, group, folder
 * and environment. The last holds only for known shells: every shell sets PWD, some set more, and none passes on
 * variables whose names are not valid in a shell.
 */
import { realpathSync } from 'node:fs';
import type { Command, Environment } from '../../core/suite.ts';
import type { PipeSource } from '../output/pipe-source.ts';
import { hasProcessTable } from '../system/proc.ts';
import { Inlet } from './inlet.ts';
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
  readonly #inlet: Inlet;

  private constructor(inlet: Inlet) {
    this.#inlet = inlet;
  }

  /** @returns undefined where there are no pipes */
  static async make(pipes: PipeSource): Promise<Gate | undefined> {
    const inlet = await Inlet.make(pipes);
    return inlet === undefined ? undefined : new Gate(inlet);
  }

  /** The shell's end. */
  get readFd(): number {
    return this.#inlet.readFd;
  }

  /** The shell has started, and has its own end. */
  isTaken(): void {
    this.#inlet.isTaken();
  }

  open(): void {
    this.#inlet.write('\n');
    this.#inlet.close();
  }

  /** The waiting shell exits. */
  shut(): void {
    this.#inlet.close();
  }
}
