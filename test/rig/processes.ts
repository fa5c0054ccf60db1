/** What tests of ownership have in common: ways into the background, and looks at processes that no test started itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentNames } from '../../src/process/system/proc.ts';
import { cookieName } from '../../src/store/run-directory.ts';
import { CLI, type FakeCommand, type Rig, ShakedownRun } from './rig.ts';
import { argvOf } from './services.ts';

/**
 * The pids of all processes whose command line holds these texts. Zombies have none.
 */
export function processesWith(...texts: readonly string[]): number[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return texts.every((text) => line.includes(text)) ? [pid] : [];
    } catch {
      return [];
    }
  });
}

/** Ways to leave a command behind, as lines for the shell that return at once. */
export const WAYS_INTO_THE_BACKGROUND: readonly {
  readonly way: string;
  readonly line: (command: FakeCommand) => string;
}[] = [
  { way: 'with `&`', line: (command) => `${argvOf(command).join(' ')} &` },
  {
    way: 'with nohup',
    line: (command) => `nohup ${argvOf(command).join(' ')} >/dev/null 2>&1 </dev/null &`,
  },
  {
    way: 'by forking twice, in a session of its own, with its output closed',
    line: (command) => `( ( setsid ${argvOf(command).join(' ')} >/dev/null 2>&1 </dev/null & ) & )`,
  },
  {
    way: 'the same with all other files closed as well',
    line: (command) =>
      `${process.execPath} ${join(import.meta.dirname, 'unlease.mjs')} ${argvOf(command).join(' ')}`,
  },
  {
    way: 'the same with its files and an empty environment',
    line: (command) => `( ( setsid env -i ${argvOf(command).join(' ')} >/dev/null 2>&1 </dev/null & ) & )`,
  },
];

/** A line for the shell: a command that has started another one which bears no mark of the run. */
export function escapingLine(command: FakeCommand, other: FakeCommand): string {
  const [node, ...words] = argvOf(command);
  return ['exec', node, join(import.meta.dirname, 'escape.mjs'), ...words, other.id].join(' ');
}

/** A run of the real program that ends with the test, whatever becomes of that. */
export class DisposableRun extends ShakedownRun implements AsyncDisposable {
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.kill('SIGKILL');
    await this.exit();
  }
}

/** The real program as the leader of a process group of its own. */
export class GroupedRun extends DisposableRun {
  constructor(rig: Rig, args: readonly string[]) {
    super(args, rig.dir, process.env, ['setsid', process.execPath, CLI, ...args]);
  }

  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }
}

/** The pids of all processes that bear the mark of a run, whichever program they are. */
export function processesOfRun(run: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    return Number.isInteger(pid) && environmentNames(pid).includes(cookieName(run)) ? [pid] : [];
  });
}

export const ROOT = join(CLI, '../..');

/** Starts the real program at the top of this project, for its examples; the JSON report goes to the rig's folder. */
export function startAtTop(rig: Rig, args: readonly string[], env: NodeJS.ProcessEnv = {}): DisposableRun {
  const reports = ['--report', `json=${join(rig.dir, 'report.json')}`];
  return new DisposableRun([...args, ...reports], ROOT, { ...process.env, NO_COLOR: '1', ...env });
}
