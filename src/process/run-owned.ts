/** The one way to run a command: with an owner of its own, heard by a scanner, and ended with all that came of it. */
import type { Clock } from '../core/clock.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { untilAborted } from '../core/stop-reason.ts';
import type { Command, Environment } from '../core/suite.ts';
import type { Ms } from '../core/units.ts';
import type { RunDirectory } from '../store/run-directory.ts';
import type { LinePattern } from '../text/bounded-pattern.ts';
import type { OwnedStep } from './inspection/owned-step.ts';
import type { ComponentLog } from './output/log.ts';
import { OutputScanner } from './output/scanner.ts';
import type { Watch } from './output/watch.ts';
import type { CommandOwner, OnStart, OwnedProcess, SpawnOptions } from './ownership/command-owner.ts';
import type { Manner } from './ownership/request.ts';
import type { Exit } from './system/exit.ts';
import type { StartFailure } from './system/start-failure.ts';

/** What an attempt gives to all that runs commands in it. */
export interface CommandContext {
  /** Of Shakedown: what it asks over HTTP is marked with it. */
  readonly version: string;
  /** The component that they are run for, by name. */
  readonly component: string;
  /** Prefix of this attempt's owners: unique within the run. */
  readonly id: string;
  /** The time of the run, which stands while the run does. */
  readonly clock: Clock;
  readonly directory: RunDirectory;
  /** @param id unique within the run */
  readonly openOwner: (id: string) => CommandOwner;
  /** The whole environment of its processes. */
  readonly env: Environment;
  readonly log: ComponentLog;
  /** Aborts, with a `StopReason`, when the attempt is over before its end. */
  readonly signal: AbortSignal;
  /** Aborts when even politeness is to be cut short. */
  readonly hurry: AbortSignal;
  /** How long processes that must end before their time get after SIGTERM. */
  readonly grace: Ms;
  readonly onStart: (step: string) => OnStart;
  /** Told of each owner, before it starts anything. */
  readonly onOwner: (step: OwnedStep) => void;
  readonly onActivity: (step: string, scanner: OutputScanner) => void;
  /**
   * Where everything stood when the time limit was reached; undefined when it was not. Nothing may be ended before
   * this resolves: a process that is gone cannot say where it stood.
   */
  readonly snapshot: () => Promise<Snapshot | undefined>;
}

/** A command that is to be run. */
export interface OwnedCommand extends Pick<SpawnOptions, 'cwd' | 'env' | 'input'> {
  readonly command: Command;
  /** The step that it is, or is a part of. */
  readonly step: string;
  /** The id of its owner. */
  readonly owner: string;
  /** What is run beside a step, and by what name its words stand in the log: they are no progress of the step. */
  readonly aside?: string;
  /** What its output is watched for, and the lines that do not count. Default: nothing. */
  readonly watches?: readonly Watch[];
  readonly allow?: readonly LinePattern[];
}

/** What a command runs in, and what hears it. */
export interface Stage {
  readonly owner: CommandOwner;
  readonly scanner: OutputScanner;
  readonly options: SpawnOptions;
}

export interface Running extends Stage {
  /** The process that was started. A service's may be a launcher, which ends at once. */
  readonly root: OwnedProcess;
}

export function openStage(what: OwnedCommand, context: CommandContext): Stage {
  const { cwd, env, input, step, aside } = what;
  const scanner = new OutputScanner(what.watches ?? [], what.allow);
  const sink = { speaker: aside ?? step, log: context.log, scanner };
  const onActivity = (): void => context.onActivity(step, scanner);
  return {
    owner: context.openOwner(what.owner),
    scanner,
    options: { cwd, env, input, sink: aside === undefined ? { ...sink, onActivity } : sink },
  };
}

/** Starts a command. Of one that cannot be started nothing is left; one that runs is to be ended by its owner. */
export async function startOwned(
  what: OwnedCommand,
  context: CommandContext,
): Promise<Result<Running, StartFailure>> {
  const stage = openStage(what, context);
  const { owner, scanner, options } = stage;
  context.onOwner({ step: what.step, owner, scanner });
  const started = await owner.spawn(what.command, options, context.onStart(what.step));
  if (started.ok) return ok({ ...stage, root: started.value });
  await owner.end(0 as Ms);
  return err(started.error);
}

/** What has become of a command. */
export interface Outcome {
  /** Undefined: it had not ended in time. */
  readonly exit: Exit | undefined;
  /** For how long it was waited for, from its start. */
  readonly durationMs: number;
  /** Where everything stood at the time limit, if that was reached. */
  readonly snapshot: Snapshot | undefined;
}

/** Waits for a command to end, or for `until`. Afterwards what is left may be ended. */
export async function awaitEnd(
  { root }: Running,
  until: AbortSignal,
  { clock, snapshot }: CommandContext,
): Promise<Outcome> {
  const startedAt = clock.at(root.startedAt);
  const exit = await untilAborted(root.exited, until);
  const durationMs = clock.now() - startedAt;
  return { exit, durationMs, snapshot: await snapshot() };
}

/** For how long a command runs, and how it is ended. */
export interface Bounds {
  /** Default: the attempt is over. */
  readonly until?: AbortSignal;
  /** How long it gets, and what it has left, after they were asked to end. */
  readonly grace: Ms;
  /** The same for what it has left when it has ended by itself. Default: `grace`. */
  readonly graceAfterExit?: Ms;
  readonly manner?: Manner;
}

/**
 * Runs a command to its end, or for as long as it may, and ends what is left.
 *
 * @returns how it ended, undefined when it had to be ended; or why it could not be started
 */
export async function runOwned(
  what: OwnedCommand,
  { until, grace, graceAfterExit = grace, manner }: Bounds,
  context: CommandContext,
): Promise<Result<{ readonly exit: Exit | undefined; readonly scanner: OutputScanner }, StartFailure>> {
  const started = await startOwned(what, context);
  if (!started.ok) return started;
  const { owner, scanner } = started.value;
  const { exit } = await awaitEnd(started.value, until ?? context.signal, context);
  await owner.end(exit === undefined ? grace : graceAfterExit, context.hurry, manner);
  return ok({ exit, scanner });
}
