/** `shakedown down`: ends what is up in this project, in order, and waits until nothing is left. */

import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asLine, visible, visibleAll } from '../../core/harmless.ts';
import type { Ms } from '../../core/units.ts';
import { plural } from '../../core/units.ts';
import { EXIT_CODES } from '../../core/verdict.ts';
import { sweepRun } from '../../process/ownership/sweep.ts';
import { linesOf } from '../../report/terminal/lines.ts';
import { readUnfinishedRun } from '../../store/earlier-runs.ts';
import { createPaint } from '../../text/paint.ts';
import type { Program } from '../flags.ts';
import { type Outcome, refuse, SUCCESS } from '../outcome.ts';
import { say } from '../say.ts';
import { tellUndone } from '../sweep.ts';
import { wantsColor } from '../terminal-report.ts';
import { type Holder, holderIn, killedIn, nothingUp, rootOf, type WhereFlags } from './holder.ts';

/** In milliseconds. */
const LOOK_EVERY = 30;
const GRACE = 2000 as Ms;

/** What is worth a line while it ends. */
const SHOWN: readonly string[] = ['shared-finished', 'teardown-finished', 'run-note'];

/** @param names those that somebody wants to end alone, which cannot be */
export async function down(names: readonly string[], flags: WhereFlags, program: Program): Promise<Outcome> {
  const root = rootOf(flags, program.cwd);
  const holder = holderIn(root) ?? killedIn(root);
  if (holder === undefined) return nothingUp(root);
  holder.look();
  if (names.length > 0) return refuse([allOrNothing(names, holder)]);
  if (holder.run.life !== 'dead' && !holder.isAlive) return refuse([elsewhere(holder)]);
  holder.end();
  await watchEnd(holder, program);
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
  say(`${plural((holder.state.holds ?? []).length, 'service')} down, nothing is left`);
  return SUCCESS;
}

const allOrNothing = (names: readonly string[], { state }: Holder) => ({
  message: `\`shakedown down\` ends all that is up (${(state.holds ?? []).join(', ')}), not only ${names.join(', ')}`,
  hint: 'leave the names out; in the terminal of a `shakedown up` that is not in the background, the key `s` ends one alone',
});

const elsewhere = ({ run }: Holder) => ({
  message: `what is up belongs to pid ${run.pid} on another machine or in another container, which cannot be signalled from here`,
  hint: 'call `shakedown down` there',
});

/** Shows what becomes of the services, until the holder has gone. */
async function watchEnd(holder: Holder, { cwd }: Program): Promise<void> {
  const paint = createPaint(wantsColor(process.stdout, process.env));
  for (;;) {
    const isAlive = holder.isAlive;
    for (const each of holder.look()) {
      const { event, state } = visibleAll(each);
      if (SHOWN.includes(event.type))
        for (const line of linesOf(event, state, { paint, cwd: visible(cwd) }))
          process.stdout.write(`${asLine(line)}\n`);
    }
    if (!isAlive) return;
    await delay(LOOK_EVERY);
  }
}
