/** How a service is stopped: by its own command if it has one, then by a signal, and finally by SIGKILL. */
import type { Finding } from '../../core/finding.ts';
import { headline } from '../../core/headline.ts';
import { type Command, showCommand } from '../../core/suite.ts';
import { formatDuration, type Ms } from '../../core/units.ts';
import type { Ending } from '../ownership/ending.ts';
import { runOwned } from '../run-owned.ts';
import { describeExit } from '../system/exit.ts';
import { beside, type StartParts } from './start-parts.ts';

const EVIDENCE_LINES = 12;
/** The grace period of a stop command that did not finish. */
const COMMAND_GRACE = 500 as Ms;

/** A service that is to end. */
export interface Stopping extends Pick<StartParts, 'spec' | 'context' | 'owner' | 'port' | 'options'> {
  /** The process that serves; null if it never got that far. */
  readonly pid: number | null;
}

export interface Stopped extends Ending {
  /** Why its own command did not stop it. */
  readonly complaint: Finding | undefined;
}

/** Ends a service and all that it started, in its own way as far as possible. */
export async function stopService(stopping: Stopping): Promise<Stopped> {
  const { spec, context, owner, pid } = stopping;
  const { signal, command } = spec.stop;
  const deadline = context.clock.now() + spec.grace;
  const asks = command !== null && spec.grace > 0 && !context.hurry.aborted && !(await owner.hasEnded());
  const complaint = asks ? await askByCommand(command, stopping) : undefined;
  const left = Math.max(0, deadline - context.clock.now()) as Ms;
  const manner = pid === null ? { signal } : { signal, first: pid };
  return { complaint, ...(await owner.end(left, context.hurry, manner)) };
}

/** @returns why the command failed; undefined when the service has ended, or half of its grace period is over */
async function askByCommand(command: Command, stopping: Stopping): Promise<Finding | undefined> {
  const { spec, context, owner } = stopping;
  const until = AbortSignal.any([context.clock.timeout(spec.grace / 2), context.hurry]);
  const name = `${spec.name} stop`;
  const run = await runOwned(
    { ...beside(stopping, command, 'stop', name), step: name },
    { until, grace: COMMAND_GRACE, graceAfterExit: 0 as Ms },
    context,
  );
  const exit = run.ok ? run.value.exit : undefined;
  if (exit?.code === 0) {
    await owner.untilEnded(spec.grace, until);
    return undefined;
  }
  if (context.hurry.aborted) return undefined;
  const evidence = run.ok ? run.value.scanner.tail(EVIDENCE_LINES) : [];
  const cause = headline(evidence);
  const how = !run.ok
    ? run.error.message
    : exit === undefined
      ? `it did not exit within ${formatDuration(spec.grace / 2)}`
      : `it ${describeExit(exit)}${cause === undefined ? '' : `: ${cause}`}`;
  return {
    code: 'stop-failed',
    step: spec.name,
    message: `the command that should have stopped ${spec.name} failed, so it was sent ${spec.stop.signal}: ${how}`,
    evidence,
    hint: `stop.command of ${spec.name} is: ${showCommand(command)}`,
  };
}
