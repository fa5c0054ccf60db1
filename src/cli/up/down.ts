/** `shakedown down`: ends what is up in this project, or some of it, and waits until nothing is left of that. */

import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asLine, visible, visibleAll } from '../../core/harmless.ts';
import type { Ms } from '../../core/units.ts';
import { plural } from '../../core/units.ts';
import { EXIT_CODES } from '../../core/verdict.ts';
import { sweepRun } from '../../process/ownership/sweep.ts';
import type { SharedState } from '../../report/shared-state.ts';
import { linesOf } from '../../report/terminal/lines.ts';
import { readUnfinishedRun } from '../../store/earlier-runs.ts';
import { orderEnd, orderState } from '../../store/orders.ts';
import { createPaint } from '../../text/paint.ts';
import type { Program } from '../flags.ts';
import { type Outcome, refuse, SUCCESS } from '../outcome.ts';
import { say } from '../say.ts';
import { tellUndone } from '../sweep.ts';
import { wantsColor } from '../terminal-report.ts';
import {
  type Holder,
  holderIn,
  killedIn,
  knownTo,
  nothingUp,
  notUp,
  rootOf,
  type WhereFlags,
} from './holder.ts';

/** In milliseconds. */
const LOOK_EVERY = 30;
const GRACE = 2000 as Ms;

/** What is worth a line while it ends. */
const SHOWN: readonly string[] = ['shared-finished', 'teardown-finished', 'run-note'];

/** @param names those that are to be ended; none: all */
export async function down(names: readonly string[], flags: WhereFlags, program: Program): Promise<Outcome> {
  const root = rootOf(flags, program.cwd);
  const holder = holderIn(root) ?? (names.length === 0 ? killedIn(root) : undefined);
  if (holder === undefined) return nothingUp(root);
  holder.look();
  if (names.length > 0) {
    const outcome = await downSome([...new Set(names)], holder, program);
    if (outcome !== undefined) return outcome;
  } else {
    if (holder.run.life !== 'dead' && !holder.isAlive) return refuse([elsewhere(holder)]);
    holder.end();
  }
  await watch(holder, program, () => false);
  // Had it been killed, its watchdog would be about to do the same.
  const left = readUnfinishedRun(dirname(holder.run.path), holder.run.run);
  const swept = left?.life === 'dead' ? await sweepRun(left, GRACE, program.clock) : undefined;
  holder.close();
  const survivors = swept?.survivors ?? [];
  for (const { pid, command } of survivors)
    say(visible(`could not stop pid ${pid}: ${command}`), process.stderr);
  const undone = swept?.undone ?? [];
  tellUndone(undone, holder.run.path, { dryRun: false });
  const isLeft =
    undone.some(({ failure }) => failure !== undefined) ||
    holder.state.teardown.some(({ outcome }) => outcome === 'failed');
  if (survivors.length > 0 || isLeft) return { exitCode: EXIT_CODES.failed };
  const what = names.length > 0 ? names.join(', ') : plural((holder.state.holds ?? []).length, 'service');
  say(`${what} down, nothing is left`);
  return SUCCESS;
}

const isUp = ({ state }: Holder, name: string): boolean => {
  const progress = progressOf(name, state.shared);
  return progress === undefined || progress === 'starting' || progress === 'ready';
};

/** Undefined for one that waits for others. */
const progressOf = (name: string, shared: readonly SharedState[]): SharedState['progress'] | undefined =>
  shared.find((each) => each.name === name)?.progress;

/** Ends these alone, as the key `s` does. @returns undefined if the holder has ended with them */
async function downSome(
  names: readonly string[],
  holder: Holder,
  program: Program,
): Promise<Outcome | undefined> {
  const known = knownTo(holder.state);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) return refuse(unknown.map((name) => notUp(name, known)));
  const meant = names.filter((name) => isUp(holder, name));
  const gone = names.filter((name) => !meant.includes(name));
  refuse(
    gone.map((name) => ({ message: `"${name}" is not up`, hint: '`shakedown ps` shows what became of it' })),
  );
  if (meant.length === 0) return { exitCode: EXIT_CODES.skipped };
  for (const name of meant) order(name, holder);
  await watch(holder, program, () => meant.every((name) => isCarriedOut(name, holder)));
  if (!holder.isThere) return undefined;
  holder.close();
  const others = known.filter((name) => progressOf(name, holder.state.shared) === 'ready');
  say(
    `${meant.join(', ')} down; ${others.length === 0 ? 'nothing is up now' : `still up: ${others.join(', ')}`}`,
  );
  const hasFailed = meant.some((name) => progressOf(name, holder.state.shared) === 'failed');
  return hasFailed ? { exitCode: EXIT_CODES.failed } : SUCCESS;
}

function order(name: string, { run }: Holder): void {
  try {
    orderEnd(run.path, name);
  } catch {
    // Somebody has removed the folder; the holder restores it.
  }
}

function isCarriedOut(name: string, holder: Holder): boolean {
  const state = orderState(holder.run.path, name);
  if (state === 'lost' && holder.isThere) order(name, holder);
  return state === 'done';
}

const elsewhere = ({ run }: Holder) => ({
  message: `what is up belongs to pid ${run.pid} on another machine or in another container, which cannot be signalled from here`,
  hint: 'call `shakedown down` there',
});

/** Shows what becomes of the services, until that is all that was wanted, or the holder has gone. */
async function watch(holder: Holder, { cwd }: Program, isDone: () => boolean): Promise<void> {
  const paint = createPaint(wantsColor(process.stdout, process.env));
  for (;;) {
    // What it did before is read after that is known.
    const isOver = !holder.isThere || isDone();
    for (const each of holder.look()) {
      const { event, state } = visibleAll(each);
      if (SHOWN.includes(event.type))
        for (const line of linesOf(event, state, { paint, cwd: visible(cwd) }))
          process.stdout.write(`${asLine(line)}\n`);
    }
    if (isOver) return;
    await delay(LOOK_EVERY);
  }
}
