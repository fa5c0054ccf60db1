/** How a service is asked to end: by its own command where it has one, by a signal, and by SIGKILL at last. */
import { clock } from '../../domain/clock.ts';
import type { Finding } from '../../domain/finding.ts';
import { headline } from '../../domain/headline.ts';
import { untilAborted } from '../../domain/stop-reason.ts';
import { type Command, type Service, showCommand } from '../../domain/suite.ts';
import { formatDuration, type Ms } from '../../domain/units.ts';
import { OutputScanner } from '../output/scanner.ts';
import type { Ending } from '../ownership/ending.ts';
import { Owner, type SpawnOptions } from '../ownership/owner.ts';
import { describeExit } from '../system/exit.ts';
import { type ServiceContext, withPort } from './start-parts.ts';

const EVIDENCE_LINES = 12;
/** A command that did not come to its end is ended itself. */
const COMMAND_GRACE = 500 as Ms;

/** A service that is to end. */
export interface Stopping {
  readonly spec: Service;
  readonly context: ServiceContext;
  readonly owner: Owner;
  readonly port: number | null;
  /** The process that serves; null: it has not come that far. */
  readonly pid: number | null;
  readonly options: SpawnOptions;
}

export interface Stopped extends Ending {
  /** Why its own command did not have it end. */
  readonly complaint: Finding | undefined;
}

/** Ends a service and all that it started, in its own way as far as that goes. */
export async function stopService(stopping: Stopping): Promise<Stopped> {
  const { spec, context, owner, pid } = stopping;
  const { signal, command } = spec.stop;
  const deadline = clock.now() + spec.grace;
  const asks = command !== null && spec.grace > 0 && !context.hurry.aborted && !(await owner.hasEnded());
  const complaint = asks ? await askByCommand(command, stopping) : undefined;
  const left = Math.max(0, deadline - clock.now()) as Ms;
  const manner = pid === null ? { signal } : { signal, first: pid };
  return { complaint, ...(await owner.end(left, context.hurry, manner)) };
}

/** @returns why it was of no use; undefined when the service has ended by it, or has had half of its grace for that */
async function askByCommand(command: Command, stopping: Stopping): Promise<Finding | undefined> {
  const { spec, context, owner, port, options } = stopping;
  const half = clock.timeout(spec.grace / 2);
  const limit = AbortSignal.any([half, context.hurry]);
  const speaker = `${spec.name} stop`;
  const scanner = new OutputScanner([]);
  const asking = new Owner(context, `${context.id}/stop`);
  context.onOwner?.({ step: speaker, owner: asking, scanner });
  const started = await asking.spawn(
    withPort(command, port),
    { ...options, sink: { speaker, log: context.log, scanner } },
    context.onStart?.(speaker),
  );
  const exit = started.ok ? await untilAborted(started.value.exited, limit) : undefined;
  await asking.end(exit === undefined ? COMMAND_GRACE : (0 as Ms), context.hurry);
  if (exit?.code === 0) {
    await owner.untilEnded(spec.grace, limit);
    return undefined;
  }
  if (context.hurry.aborted) return undefined;
  const cause = headline(scanner.tail(EVIDENCE_LINES));
  const how = !started.ok
    ? started.error.message
    : exit === undefined
      ? `it did not end within ${formatDuration(spec.grace / 2)}`
      : `it ${describeExit(exit)}${cause === undefined ? '' : `: ${cause}`}`;
  return {
    code: 'stop-failed',
    step: spec.name,
    message: `the command that should have ended ${spec.name} failed, so it was sent ${spec.stop.signal}: ${how}`,
    evidence: scanner.tail(EVIDENCE_LINES),
    hint: `stop.command of ${spec.name} is: ${showCommand(command)}`,
  };
}
