/** `shakedown up --detach`: leaves the holding to a process of its own, and waits for what it is asked to wait for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Plan } from '../../core/plan.ts';
import { SIGNAL_EXIT_CODES } from '../../core/verdict.ts';
import { PRIVATE_FILE } from '../../store/ours.ts';
import { inState } from '../../store/state-folder.ts';
import type { Program } from '../flags.ts';
import { type Outcome, refuse, SUCCESS } from '../outcome.ts';
import { say } from '../say.ts';
import { createTerminalReport } from '../terminal-report.ts';
import { alreadyUp, type Holder, holderIn } from './holder.ts';
import { isWhole } from './whole.ts';

/** In milliseconds. */
const LOOK_EVERY = 30;

/** Where the holder writes what the terminal would show. */
const logOf = (root: string): string => inState(root, ({ path }) => join(path, 'up.log')).value;

/** The same command, in a session of its own. */
function startHolder(log: string, cwd: string): ChildProcess {
  const [, script = '', command = '', ...args] = process.argv;
  const output = openSync(log, 'w', PRIVATE_FILE);
  try {
    return spawn(process.execPath, [...process.execArgv, script, command, '--holder', ...args], {
      ...{ cwd, detached: true, stdio: ['ignore', output, output] },
    });
  } finally {
    closeSync(output);
  }
}

export async function detach(plan: Plan, isWaiting: boolean, program: Program): Promise<Outcome> {
  const other = holderIn(plan.root);
  if (other !== undefined) return refuse([alreadyUp(other)]);
  const log = logOf(plan.root);
  const child = startHolder(log, program.cwd);
  const ended = once(child, 'exit').then(([code]) => (code as number | null) ?? 1);
  let signal: NodeJS.Signals | undefined;
  const onSignal = (received: NodeJS.Signals): void => {
    signal ??= received;
    child.kill('SIGTERM');
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const each of signals) process.on(each, onSignal);
  try {
    const exitCode = await follow(child, ended, { plan, isWaiting, log, program });
    if (signal !== undefined) return { exitCode: SIGNAL_EXIT_CODES[signal] ?? 1, signal };
    if (exitCode !== undefined) return { exitCode };
    child.unref();
    const names = (plan.holds ?? []).join(', ');
    say(
      `${isWaiting ? 'up' : 'starting'} in the background (pid ${child.pid}): ${names}\n  see it: shakedown ps, shakedown logs -f\n  end it: shakedown down`,
    );
    return SUCCESS;
  } finally {
    for (const each of signals) process.off(each, onSignal);
  }
}

interface Wait {
  readonly plan: Plan;
  readonly isWaiting: boolean;
  readonly log: string;
  readonly program: Program;
}

/**
 * Shows how it goes.
 *
 * @returns the exit code of the holder if that has ended; undefined when it is as far as we wait for
 */
async function follow(
  { pid }: ChildProcess,
  ended: Promise<number>,
  { plan, isWaiting, log, program }: Wait,
): Promise<number | undefined> {
  const terminal = createTerminalReport(process.stdout, process.env, program);
  let exitCode: number | undefined;
  void ended.then((code) => {
    exitCode = code;
  });
  let holder: Holder | undefined;
  try {
    for (;;) {
      // What it did before it ended is read after that is known.
      const hasEnded = exitCode !== undefined;
      holder ??= holderIn(plan.root, pid);
      for (const { event } of holder?.look() ?? []) terminal.sink(event);
      if (hasEnded) {
        if (holder === undefined) process.stderr.write(readFileSync(log));
        return exitCode;
      }
      if (holder !== undefined && (!isWaiting || isWhole(holder.state))) return undefined;
      await delay(LOOK_EVERY);
    }
  } finally {
    terminal.close();
    holder?.close();
  }
}
