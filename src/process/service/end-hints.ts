/** Hints from what the machine shows about a service that ended by itself, where its output leaves people guessing. */
import { type ProcessSighting, showProcess } from '../../core/finding.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import { showCommand } from '../../core/suite.ts';
import { formatDuration, type Ms } from '../../core/units.ts';
import { startOwned } from '../run-owned.ts';
import type { Exit } from '../system/exit.ts';
import { describeHolder, findPortHolder, timeWaitsOn } from '../system/sockets.ts';
import { explainLineEnds } from '../system/start-failure.ts';
import { beside, type StartParts } from './start-parts.ts';
import { IN_USE } from './time-wait.ts';
import { whereSeen } from './unlooked.ts';

export interface EndedService extends Pick<StartParts, 'spec' | 'context' | 'port' | 'options'> {
  /** Null for a daemon: we cannot learn how it ended. */
  readonly exit: Exit | null;
  /** How long its command lived. */
  readonly lifeMs: number | undefined;
  /** The last lines of its output. */
  readonly lines: readonly string[];
  /** Whether one of them reports an error. */
  readonly isError: boolean;
  /** What it started that is still running. */
  readonly left: readonly ProcessSighting[];
}

/** @returns why it may have ended, and what to do about it; undefined if the machine shows no reason */
export async function hintForEnd(ended: EndedService): Promise<string | undefined> {
  return (
    (await whereSeen<string | undefined>(
      () => takenAddress(ended),
      () => undefined,
    )) ??
    (ended.context.container === undefined
      ? (explainLineEnds(ended.spec.command, ended.spec.cwd, ended.exit?.code ?? null) ??
        (await endedWell(ended)))
      : containerEnded(ended))
  );
}

/** A server that cannot listen says that the address is in use, but not by whom. */
async function takenAddress({ port, lines }: EndedService): Promise<string | undefined> {
  if (port === null || !lines.some((line) => IN_USE.test(line))) return undefined;
  const holder = await findPortHolder(port);
  if (holder !== undefined) return `port ${port} is used by ${describeHolder(holder, formatDuration)}`;
  const count = timeWaitsOn(port);
  if (count === 0) return undefined;
  return `nothing listens on port ${port}, but the kernel remembers connections that a server there closed (${count} in TIME_WAIT), for a minute: have the server set SO_REUSEADDR, or use port: 0 for a new port each time`;
}

const containerEnded = ({ exit, isError, context }: EndedService): string | undefined =>
  exit?.code !== 0 || isError || context.signal.aborted
    ? undefined
    : 'a container lives as long as its command, and this one has done its work and exited: give it a `command` that stays in the foreground';

async function endedWell(ended: EndedService): Promise<string | undefined> {
  const { exit, spec, left, isError, context } = ended;
  if (exit?.code !== 0 || spec.daemon) return undefined;
  const [first] = left;
  if (first !== undefined)
    return `what it started is still running: ${showProcess(first)}; if it puts its service into the background, it needs daemon: true`;
  if (isError || context.signal.aborted) return undefined;
  const line = showCommand(spec.command);
  if (await endsWithItsInput(ended))
    return `it exits when its input ends, and a service gets none: tried again with an input, it stayed up until that ended. Keep one open, with stdin: 'open'`;
  const isUntried = spec.stdin !== 'open' && !isShort(ended);
  return `a service keeps running for others, but this command has done its work and exited: make it a task of the suite, for what needs it to wait for, as in services: { ${spec.name}: task({ run: ${JSON.stringify(line)} }) }, or a setup step${isUntried ? "; if it exits because its input ends, which a service does not get, keep one open, with stdin: 'open'" : ''}`;
}

/** In milliseconds. A service that lived longer is not tried again: that would take too long. */
const LONGEST_LIFE = 5000;
/** A trial lasts this many times as long as the first life, but at least this many milliseconds: the machine may be busy. */
const isShort = ({ lifeMs }: EndedService): boolean => lifeMs !== undefined && lifeMs <= LONGEST_LIFE;
const TRIAL_FACTOR = 3;
const LEAST_TRIAL = 3000;
const GRACE = 500 as Ms;

/**
 * Tries a service that exited early with code 0 once more, with an input that stays open, and then closes the input.
 *
 * @returns whether it outlived its first run while the input was open, and ended once it was closed
 */
async function endsWithItsInput(ended: EndedService): Promise<boolean> {
  const { spec, context, lifeMs } = ended;
  if (spec.stdin === 'open' || lifeMs === undefined || !isShort(ended)) return false;
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
