/** `shakedown logs`: what the services that are up, or were last, have printed. */
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Stamped } from '../../core/event.ts';
import { visible } from '../../core/harmless.ts';
import { formatDuration } from '../../core/units.ts';
import { createPaint } from '../../text/paint.ts';
import type { Program } from '../flags.ts';
import { type Outcome, refuse, SUCCESS } from '../outcome.ts';
import { say } from '../say.ts';
import { wantsColor } from '../terminal-report.ts';
import {
  ageOf,
  type Held,
  type Holder,
  holderIn,
  knownTo,
  lastHeld,
  NOTHING_UP,
  nothingUp,
  notUp,
  rootOf,
  type WhereFlags,
} from './holder.ts';
import { MergedLogs } from './merged-logs.ts';

export interface LogsFlags extends WhereFlags {
  readonly follow: boolean;
}

/** In milliseconds. */
const LOOK_EVERY = 50;

export async function logs(
  names: readonly string[],
  flags: LogsFlags,
  { cwd }: Pick<Program, 'cwd'>,
): Promise<Outcome> {
  const root = rootOf(flags, cwd);
  const holder = holderIn(root);
  const held = holder ?? lastHeld(root);
  if (held === undefined) return nothingUp(root);
  const past = held.look();
  const known = knownTo(held.state);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    return refuse(unknown.map((name) => notUp(name, known, holder === undefined ? 'was' : 'is')));
  const chosen = names.length === 0 ? known : names;
  const merged = new MergedLogs(chosen, createPaint(wantsColor(process.stdout, process.env)));
  const take = (events: readonly { readonly event: Stamped }[]): void => {
    for (const { event } of events) {
      if (event.type === 'shared-started') {
        merged.open(event.shared, event.logFile);
        write(merged.lines());
      }
      if (event.type === 'shared-finished') write(merged.close(event.shared));
    }
  };
  if (holder === undefined) say(endedText(held, past.at(-1)?.event), process.stderr);
  take(past);
  if (flags.follow && holder !== undefined) await follow(holder, merged, chosen, take);
  write(merged.end());
  held.close();
  return SUCCESS;
}

function endedText({ state, path }: Held, last: Stamped | undefined): string {
  const age = formatDuration(ageOf(state, last?.elapsedMs ?? 0));
  return visible(`${NOTHING_UP}; this was printed until ${age} ago, by run ${basename(path)}`);
}

const write = (lines: readonly string[]): void => {
  if (lines.length > 0) process.stdout.write(lines.map((line) => `${line}\n`).join(''));
};

/** Until all of them have ended, or nobody reads any more. */
async function follow(
  holder: Holder,
  merged: MergedLogs,
  names: readonly string[],
  take: (events: readonly { readonly event: Stamped }[]) => void,
): Promise<void> {
  const isOver = (): boolean =>
    names.every((name) => {
      const progress = holder.state.shared.find((each) => each.name === name)?.progress;
      return progress !== undefined && progress !== 'starting' && progress !== 'ready';
    });
  while (process.stdout.writable && !isOver()) {
    // What it did before it ended is read after that is known.
    const isAlive = holder.isThere;
    take(holder.look());
    write(merged.lines());
    if (!isAlive) return;
    await delay(LOOK_EVERY);
  }
}
