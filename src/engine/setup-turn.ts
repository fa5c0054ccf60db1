/** When two runs need the same setup step, one runs it and the other waits. */
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SetupStep } from '../core/suite.ts';
import { formatDuration } from '../core/units.ts';
import { readUnfinishedRun, type UnfinishedRun } from '../store/earlier-runs.ts';
import { runsAround } from '../store/run-directory.ts';
import { stepPath } from '../store/setup-cache.ts';
import { type Turn, takeTurn } from '../store/turn.ts';
import { endLeftOf } from './earlier-runs.ts';
import type { Run } from './run-context.ts';

/** Polling interval in milliseconds. */
const LOOK_EVERY = 100;

/** Why the step cannot run. */
export interface NoTurn {
  readonly message: string;
  readonly hint: string;
}

/** The turn, and whether we waited for it; or why there is none; undefined when the user interrupted. */
export type Awaited = { readonly turn: Turn; readonly waited: boolean } | NoTurn | undefined;

/** Waits for other runs of the step, at most for its time limit; first ends what a killed holder left. */
export async function awaitTurn(step: SetupStep, run: Run): Promise<Awaited> {
  const { directory, control, clock, emit } = run;
  const { state } = directory;
  const runs = dirname(directory.path);
  const around = runsAround(process.env, state);
  const deadline = clock.now() + step.timeout;
  let told: string | undefined;
  while (!control.stop.aborted) {
    const taken = take(step, directory.state.cache, directory.run, runs);
    if (typeof taken !== 'string') return { turn: taken, waited: told !== undefined };
    const holder = readUnfinishedRun(runs, taken);
    if (around.includes(taken)) return withinItself(step, taken);
    if (clock.now() > deadline) return tooLong(step, taken, holder);
    if (holder?.life === 'dead')
      for (const finding of await endLeftOf(holder, run)) emit({ type: 'run-note', finding });
    else if (told !== taken) emit({ type: 'run-note', finding: waiting(step, taken, holder) });
    told = taken;
    await delay(LOOK_EVERY, undefined, { signal: control.stop }).catch(() => {});
  }
  return undefined;
}

/** A killed run holds its turn until its leftovers are ended: its step may still be running. */
function take(step: SetupStep, cache: string, self: string, runs: string): Turn | string {
  try {
    return takeTurn(stepPath(cache, step), self, (holder) => readUnfinishedRun(runs, holder) !== undefined);
  } catch {
    // Without hard links there are no turns.
    return { end: () => {} };
  }
}

const showRun = (run: string, holder: UnfinishedRun | undefined): string =>
  `run ${run}${holder === undefined || holder.life === 'unknown' ? '' : ` (pid ${holder.pid})`}`;

const waiting = ({ name }: SetupStep, run: string, holder: UnfinishedRun | undefined) =>
  ({
    code: 'setup-waited',
    step: name,
    message: `setup "${name}" waits for ${showRun(run, holder)}, which is running it`,
  }) as const;

const tooLong = ({ name, timeout }: SetupStep, run: string, holder: UnfinishedRun | undefined): NoTurn => ({
  message: `setup "${name}" has waited ${formatDuration(timeout)}, its time limit, for ${showRun(run, holder)}, which is running it`,
  hint:
    holder?.life === 'unknown'
      ? 'that run may be dead, but that cannot be seen from here; shakedown sweep says what to do'
      : 'see what that run is doing, or stop it',
});

const withinItself = ({ name }: SetupStep, run: string): NoTurn => ({
  message: `setup "${name}" is under way in run ${run}, which this run is part of: waiting for it would take forever`,
  hint: 'a setup step cannot run the suite that it belongs to',
});
