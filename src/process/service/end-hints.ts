/** What the machine shows of a service that has ended by itself, where its own words leave a person guessing. */
import { type ProcessSighting, showProcess } from '../../core/finding.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import { showCommand } from '../../core/suite.ts';
import { formatDuration, type Ms } from '../../core/units.ts';
import { startOwned } from '../run-owned.ts';
import type { Exit } from '../system/exit.ts';
import { describeHolder, findPortHolder, timeWaitsOn } from '../system/sockets.ts';
import { explainLineEnds } from '../system/start-failure.ts';
import { beside, type StartParts } from './start-parts.ts';
import { whereSeen } from './unlooked.ts';

export interface EndedService extends Pick<StartParts, 'spec' | 'context' | 'port' | 'options'> {
  /** Null for a daemon: nobody is told how it ended. */
  readonly exit: Exit | null;
  /** How long its command lived. */
  readonly lifeMs: number | undefined;
  /** The last lines of its output. */
  readonly lines: readonly string[];
  /** Whether one of them tells of an error. */
  readonly isError: boolean;
  /** What it has started and what still runs. */
  readonly left: readonly ProcessSighting[];
}

/** @returns why it may have ended, with the way out; undefined where the machine shows nothing of the kind */
export async function hintForEnd(ended: EndedService): Promise<string | undefined> {
  return (
    (await whereSeen<string | undefined>(
      () => takenAddress(ended),
      () => undefined,
    )) ??
    explainLineEnds(ended.spec.command, ended.spec.cwd, ended.exit?.code ?? null) ??
    (await endedWell(ended))
  );
}

const IN_USE = /EADDRINUSE|address (?:is )?already in use/i;

/** A server that cannot listen says that the address is in use, and not by whom. */
async function takenAddress({ port, lines }: EndedService): Promise<string | undefined> {
  if (port === null || !lines.some((line) => IN_USE.test(line))) return undefined;
  const holder = await findPortHolder(port);
  if (holder !== undefined) return `port ${port} is used by ${describeHolder(holder, formatDuration)}`;
  const count = timeWaitsOn(port);
  if (count === 0) return undefined;
  return `nothing listens on port ${port}, but the kernel remembers connections that a server there closed (${count} in TIME_WAIT), for a minute: have the server set SO_REUSEADDR, or use port: 0 for a new port each time`;
}

async function endedWell(ended: EndedService): Promise<string | undefined> {
  const { exit, spec, left, isError, context } = ended;
  if (exit?.code !== 0 || spec.daemon) return undefined;
  const [first] = left;
  if (first !== undefined)
    return `what it started is still running: ${showProcess(first)}; if it puts its service into the background, it needs daemon: true`;
  if (isError || context.signal.aborted) return undefined;
  const line = showCommand(spec.command);
  if (await endsWithItsInput(ended))
    return `it exits when its input ends, and a service gets none: tried again with an input, it stayed up until that ended. Give it one, as in run: ${JSON.stringify(`tail -f /dev/null | ${line}`)}, or look for an option such as --watch=always`;
  return `a service keeps running for others, but this command has done its work and exited: run it before what needs it, as in run: ${JSON.stringify(`${line} && exec …`)}, or make it a setup step`;
}

/** Who lived longer than this, in milliseconds, is not tried again: that would take too long. */
const LONGEST_LIFE = 5000;
/** A trial lasts this many times as long as the first life, and at least so many milliseconds: a machine may be busy. */
const TRIAL_FACTOR = 3;
const LEAST_TRIAL = 3000;
const GRACE = 500 as Ms;

/**
 * Tries once more a service that has ended well and soon, with an input that has no end; and then ends the input.
 *
 * @returns whether it outlived itself with the one, and ended with the other
 */
async function endsWithItsInput(ended: EndedService): Promise<boolean> {
  const { spec, context, lifeMs } = ended;
  if (lifeMs === undefined || lifeMs > LONGEST_LIFE) return false;
  const aside = `${spec.name}, tried again with an input`;
  const started = await startOwned(
    { ...beside(ended, spec.command, 'input', aside), input: 'open' },
    context,
  );
  if (!started.ok) return false;
  const { owner, root } = started.value;
  const span = Math.max(LEAST_TRIAL, TRIAL_FACTOR * lifeMs);
  const exitWithin = (): Promise<Exit | undefined> =>
    untilAborted(root.exited, AbortSignal.any([context.signal, context.clock.timeout(span)]));
  let isSo = false;
  if ((await exitWithin()) === undefined) {
    root.endInput();
    isSo = (await exitWithin())?.code === 0;
  }
  await context.snapshot();
  await owner.end(GRACE, context.hurry);
  return isSo;
}
