/** How a service is stopped: its open input ends, its own command asks it, then a signal, and finally SIGKILL ends it. */
import type { Finding } from '../../core/finding.ts';
import { headline } from '../../core/headline.ts';
import {
  type Command,
  type Service,
  STOP_SIGNALS,
  type Stop,
  type StopSignal,
  showCommand,
} from '../../core/suite.ts';
import { formatDuration, type Ms } from '../../core/units.ts';
import type { Ending } from '../ownership/ending.ts';
import type { Manner } from '../ownership/request.ts';
import { runOwned } from '../run-owned.ts';
import { describeExit } from '../system/exit.ts';
import { dispositionsOf } from '../system/proc.ts';
import { beside, type StartParts } from './start-parts.ts';

const EVIDENCE_LINES = 12;
/** The grace period of a stop command that did not finish. */
const COMMAND_GRACE = 500 as Ms;

/** A service that is to end. */
export interface Stopping
  extends Pick<StartParts, 'spec' | 'context' | 'owner' | 'root' | 'port' | 'options'> {
  /** The process that serves. */
  readonly pid: number;
}

export interface Stopped extends Ending {
  /** Why its own command did not stop it. */
  readonly complaint: Finding | undefined;
}

/** How a service is asked by its signal. */
export const mannerOf = ({ signal, to }: Stop, pid?: number): Manner => ({
  signal,
  ...(pid === undefined ? {} : { first: pid }),
  ...(to === null ? {} : { to }),
});

/** The signals that a process handles itself, of those that can ask it to end. */
export function handledSignals(pid: number): StopSignal[] {
  const dispositions = dispositionsOf(pid, STOP_SIGNALS);
  return STOP_SIGNALS.filter((signal) => dispositions?.get(signal) === 'caught');
}

/**
 * @param heard the signals that its main process handles
 * @param isContained whether that is the first process of a container, to which the kernel passes no others
 */
export function hintForKilled(
  { stop: { signal } }: Service,
  heard: readonly StopSignal[],
  isContained = false,
): string {
  if (isContained && !heard.includes(signal))
    return `the first process of a container gets only signals that it handles, and it does not handle ${signal}: write init: true, or stop: { command: '…' }; if it only needs longer, stop: { grace: '30s' }`;
  const others = heard.filter((other) => other !== signal);
  const [first = 'SIGINT'] = others.filter((other) => ['SIGINT', 'SIGQUIT', 'SIGTERM'].includes(other));
  const other =
    others.length === 0
      ? 'if another signal or a command ends it'
      : `it also handles ${others.join(', ')}: if one of them ends it`;
  const how = heard.includes(signal) ? `it handles ${signal}, and goes on; ` : '';
  return `${how}${other}, write stop: '${first}', or stop: { command: '…' }; if it only needs longer, stop: { grace: '30s' }`;
}

/** Ends a service and all that it started, in its own way as far as possible: each step gets half of what time is left. */
export async function stopService(stopping: Stopping): Promise<Stopped> {
  const { spec, context, owner, pid } = stopping;
  const { command } = spec.stop;
  const deadline = context.clock.now() + spec.grace;
  const left = (): Ms => Math.max(0, deadline - context.clock.now()) as Ms;
  const mayAsk = async (): Promise<boolean> =>
    left() > 0 && !context.hurry.aborted && !(await owner.hasEnded());
  if (spec.stdin === 'open') await closeInput(stopping, (left() / 2) as Ms);
  const complaint =
    command !== null && (await mayAsk())
      ? await askByCommand(command, stopping, (left() / 2) as Ms)
      : undefined;
  return { complaint, ...(await endProcesses(stopping, left(), pid)) };
}

/**
 * Asks the processes of a service to end, by its signal, and kills those that stay.
 *
 * @param pid of the process that serves, if that is known
 */
export async function endProcesses(
  { spec, context, owner }: Pick<Stopping, 'spec' | 'context' | 'owner'>,
  grace: Ms,
  pid?: number,
): Promise<Ending> {
  const { container, clock, hurry } = context;
  const deadline = clock.now() + grace;
  const isContained = container !== undefined && grace > 0 && !hurry.aborted;
  const onSend = context.onSignal(spec.name);
  if (isContained) {
    onSend(spec.stop.signal);
    // Some command lines hand signals on to their container, and others die of them.
    await container.signal(spec.stop.signal);
    await owner.untilEnded(Math.max(0, deadline - clock.now()) as Ms, hurry);
  }
  return owner.end(Math.max(0, deadline - clock.now()) as Ms, hurry, {
    ...mannerOf(spec.stop, pid),
    // Whoever runs the container is not the service.
    onSend: (signal) => (isContained && signal === spec.stop.signal ? undefined : onSend(signal)),
  });
}

/** Returns when the service has ended, or `patience` is over. */
async function closeInput({ root, owner, context }: Stopping, patience: Ms): Promise<void> {
  root.endInput();
  if (patience > 0) await owner.untilEnded(patience, context.hurry);
}

/** @returns why the command failed; undefined when the service has ended, or `patience` is over */
async function askByCommand(
  command: Command,
  stopping: Stopping,
  patience: Ms,
): Promise<Finding | undefined> {
  const { spec, context, owner } = stopping;
  const until = AbortSignal.any([context.clock.timeout(patience), context.hurry]);
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
      ? `it did not exit within ${formatDuration(patience)}`
      : `it ${describeExit(exit)}${cause === undefined ? '' : `: ${cause}`}`;
  return {
    code: 'stop-failed',
    step: spec.name,
    message: `the command that should have stopped ${spec.name} failed, so it was sent ${spec.stop.signal}: ${how}`,
    evidence,
    hint: `stop.command of ${spec.name} is: ${showCommand(command)}`,
  };
}
