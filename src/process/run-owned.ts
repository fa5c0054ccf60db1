/** The one way to run a command: an owner of its own tracks and ends it, and a scanner reads its output. */
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
import type { UndoRegister } from './undo/undos.ts';

/** What an attempt passes to everything that runs commands in it. */
export interface CommandContext {
  /** Shakedown's version: marks its HTTP requests. */
  readonly version: string;
  /** The name of the component that they are run for. */
  readonly component: string;
  /** Prefix of this attempt's owners: unique within the run. */
  readonly id: string;
  /** The run's time, which stops while the run is suspended. */
  readonly clock: Clock;
  readonly directory: RunDirectory;
  /** @param id unique within the run */
  readonly openOwner: (id: string) => CommandOwner;
  /** The complete environment of its processes. */
  readonly env: Environment;
  /** Where whatever is done outside of its own processes is registered first. */
  readonly undos: UndoRegister;
  readonly log: ComponentLog;
  /** Aborts, with a `StopReason`, when the attempt is cut short. */
  readonly signal: AbortSignal;
  /** Aborts when there is no time left for grace either. */
  readonly hurry: AbortSignal;
  /** How long processes get after SIGTERM when they are ended early. */
  readonly grace: Ms;
  readonly onStart: (step: string) => OnStart;
  /** For each signal that is to end a step, when it is first sent. */
  readonly onSignal: (step: string) => (signal: NodeJS.Signals) => void;
  /** Called with each owner before it starts anything. */
  readonly onOwner: (step: OwnedStep) => void;
  readonly onActivity: (step: string, scanner: OutputScanner) => void;
  /** A snapshot from the time limit, if reached. End nothing before it resolves: it inspects live processes. */
  readonly snapshot: () => Promise<Snapshot | undefined>;
}

export interface OwnedCommand extends Pick<SpawnOptions, 'cwd' | 'env' | 'input' | 'entrance'> {
  readonly command: Command;
  /** The step that it is, or is a part of. */
  readonly step: string;
  /** The id of its owner. */
  readonly owner: string;
  /**
   * For a command that runs beside a step: the name of its output in the log. That output is not the step's progress.
   */
  readonly aside?: string;
  /** What its output is watched for, and the lines that do not count. Default: nothing. */
  readonly watches?: readonly Watch[];
  readonly allow?: readonly LinePattern[];
}

/** What a command runs in, and what reads its output. */
export interface Stage {
  readonly owner: CommandOwner;
  readonly scanner: OutputScanner;
  readonly options: SpawnOptions;
}

export interface Running extends Stage {
  /** The process that was started. A service's may be a launcher that exits at once. */
  readonly root: OwnedProcess;
}

export function openStage(what: OwnedCommand, context: CommandContext): Stage {
  const { cwd, env, input, entrance, step, aside } = what;
  const scanner = new OutputScanner(what.watches ?? [], what.allow);
  const sink = { speaker: aside ?? step, log: context.log, scanner };
  const onActivity = (): void => context.onActivity(step, scanner);
  return {
    owner: context.openOwner(what.owner),
    scanner,
    options: { cwd, env, input, entrance, sink: aside === undefined ? { ...sink, onActivity } : sink },
  };
}

/** Starts a command. One that cannot be started leaves nothing behind; one that runs must be ended by its owner. */
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

/** The outcome of a command. */
export interface Outcome {
  /** Undefined: it had not ended in time. */
  readonly exit: Exit | undefined;
  /** How long it was waited for, from its start. */
  readonly durationMs: number;
  /** A snapshot at the time limit, if that was reached. */
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

/** How long a command runs, and how it is ended. */
export interface Bounds {
  /** Default: the attempt's signal. */
  readonly until?: AbortSignal;
  /** How long it, and what it leaves, get after they were asked to end. */
  readonly grace: Ms;
  /** The same for what it leaves when it ends by itself. Default: `grace`. */
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
  const telling = what.aside === undefined ? { onSend: context.onSignal(what.step) } : {};
  await owner.end(exit === undefined ? grace : graceAfterExit, context.hurry, { ...manner, ...telling });
  return ok({ exit, scanner });
}
