import { join } from 'node:path';
import { againCommand, chosenIn } from '../core/again.ts';
import { failureFinding, MachineTrouble, traceOf, troubleOf } from '../core/failure.ts';
import type { Finding } from '../core/finding.ts';
import { type LeaverSource, leftBehind, mayBeLeft, notEnded } from '../core/leftovers.ts';
import { sharedName } from '../core/shared.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { StopReason } from '../core/stop-reason.ts';
import type { Environment } from '../core/suite.ts';
import type { Ms } from '../core/units.ts';
import type { ComponentContext, SharedServices } from '../kinds/common/context.ts';
import { verdictOf } from '../kinds/index.ts';
import { type OwnedStep, observeAll } from '../process/inspection/owned-step.ts';
import { askForStacks } from '../process/inspection/stacks.ts';
import { ComponentLog } from '../process/output/log.ts';
import { type Ending, NOBODY } from '../process/ownership/ending.ts';
import type { Enclosure, Tier } from '../process/ownership/tiers/tier.ts';
import { createProgress } from './progress.ts';
import type { RunResources } from './run-context.ts';

export interface SupervisedTask {
  /** The component, or `setup:` and the step, as events name it. */
  readonly component: string;
  /** Prefix of its owners' ids, unique within the run. */
  readonly id: string;
  readonly logName: string;
  /** Which attempt it is. Default: the only one. */
  readonly attempt?: number;
  /** Random seed. */
  readonly seed: number;
  readonly env: Environment;
  /** The services of the suite that it may use, by name. */
  readonly services?: SharedServices;
  /** What holds its processes together. Default: the run's tier. */
  readonly tier?: Tier;
  /** Substrings of the command lines of helpers that may be left running. Default: none may. */
  readonly leave?: readonly string[];
  /** Undefined: it may run as long as somebody needs it. */
  readonly timeout?: Ms;
  /** When to report it as slow; undefined for never. */
  readonly slow?: Ms;
  /** Aborts, with a `StopReason`, when it is to end early. */
  readonly stop: AbortSignal;
}

/** The outcome, besides the task's own result. */
export interface Supervised<T> {
  readonly result: T;
  /** A snapshot at the time limit, if that was reached. */
  readonly timedOut: Snapshot | undefined;
  /** Why the log is incomplete, if it is. */
  readonly logFailure: string | undefined;
  /** What happened to processes left in the enclosure that no owner knew. */
  readonly strays: Ending;
  /** Why those could not be checked, if they could not. */
  readonly failure: Finding | undefined;
}

export const logPath = (run: RunResources, logName: string): string => join(run.directory.logs, logName);

/** A task's time limit. When it is reached, a snapshot is taken before anything is ended. */
class Limit {
  readonly #reached = new AbortController();
  readonly signal: AbortSignal = this.#reached.signal;
  readonly #task: SupervisedTask;
  readonly #run: RunResources;
  #snapshot: Promise<Snapshot> | undefined;

  constructor(task: SupervisedTask, run: RunResources) {
    this.#task = task;
    this.#run = run;
  }

  reach(limit: Ms, steps: readonly OwnedStep[]): void {
    const running = observeAll(steps);
    // First of all: a process that exits when asked for its stacks has not ended by itself.
    this.#reached.abort({ type: 'timeout', limit } satisfies StopReason);
    const { clock, control } = this.#run;
    const asked = this.#task.stop.aborted ? Promise.resolve([]) : askForStacks(steps, clock, control.hurry);
    this.#snapshot = asked.then((stacks) => ({ running, stacks }));
  }

  /** Resolves when processes may be ended. */
  async snapshot(): Promise<Snapshot | undefined> {
    return this.#snapshot;
  }
}

const NO_SERVICES: SharedServices = new Map();

const TIER_HINT = 'choose another tier with `--ownership`; `shakedown doctor` lists them';

/** What a tier needs from the machine may have been used up, or have gone, since the run began. */
async function openEnclosure(tier: Tier, component: string): Promise<Enclosure> {
  try {
    return await tier.open(component);
  } catch (error) {
    if (troubleOf(error) !== undefined) throw error;
    throw new MachineTrouble(`no ${tier.name} can be opened for it: ${(error as Error).message}`, TIER_HINT);
  }
}

async function closeEnclosure(
  enclosure: Enclosure,
  component: string,
  log: ComponentLog,
): Promise<Pick<Supervised<unknown>, 'strays' | 'failure'>> {
  try {
    return { strays: await enclosure.close(), failure: undefined };
  } catch (error) {
    return { strays: NOBODY, failure: keepFailure(error, component, log) };
  }
}

/** Turns an unexpected error into a component's finding, with the stack trace in its log. */
export function keepFailure(error: unknown, component: string, log: ComponentLog): Finding {
  const shared = sharedName(component);
  const subject = shared === undefined ? component : `"${shared}"`;
  const finding = failureFinding(error, subject, log.path);
  if (finding.code === 'internal-error') log.write('shakedown', Buffer.from(`${traceOf(error)}\n`));
  return finding;
}

/**
 * Runs work under a time limit, with a log and progress events.
 *
 * @param onFailure the result when it cannot run, or hits a bug
 */
export async function supervise<T>(
  task: SupervisedTask,
  run: RunResources,
  work: (context: ComponentContext) => Promise<T>,
  onFailure: (finding: Finding) => T,
): Promise<Supervised<T>> {
  const { component, timeout, slow } = task;
  const { emit, clock, directory, pipes } = run;
  const steps: OwnedStep[] = [];
  const active = { component, steps };
  const limit = new Limit(task, run);
  const disarm: (() => void)[] = [];
  if (timeout !== undefined) disarm.push(clock.after(timeout, () => limit.reach(timeout, steps)));
  if (timeout !== undefined && slow !== undefined && slow < timeout) {
    const saySlow = (): void => {
      if (!task.stop.aborted) emit({ type: 'component-slow', component, afterMs: slow, limitMs: timeout });
    };
    disarm.push(clock.after(slow, saySlow));
  }
  const progress = createProgress(component, emit);
  directory.restore();
  const log = new ComponentLog(logPath(run, task.logName));
  disarm.push(directory.keep(log));
  run.active.add(active);
  try {
    const enclosure = await openEnclosure(task.tier ?? run.tier, component);
    const result = await work({
      component,
      id: task.id,
      attempt: task.attempt ?? 1,
      root: run.plan.root,
      seed: task.seed,
      version: run.version,
      reproduce: againCommand(chosenIn(run.plan), [component, '--seed', `${task.seed}`]),
      env: task.env,
      services: task.services ?? NO_SERVICES,
      undos: run.undos,
      clock,
      directory,
      openOwner: (id) => run.openOwner({ component, directory, pipes, enclosure, clock }, id),
      log,
      signal: AbortSignal.any([task.stop, limit.signal]),
      // One of its own: everything that is ended at the same time listens to it.
      hurry: AbortSignal.any([run.control.hurry]),
      grace: run.plan.interruptGrace,
      source: run.plan.source.type,
      leave: task.leave ?? null,
      verdictOf,
      emit,
      onStart: (step) => (started) =>
        emit({
          type: 'process-started',
          component,
          step,
          pid: started.pid,
          startTicks: started.startTicks,
          command: started.command,
        }),
      onSignal: (step) => (signal) => emit({ type: 'signal-sent', component, step, signal }),
      onOwner: (step) => steps.push(step),
      onActivity: progress.onActivity,
      snapshot: () => limit.snapshot(),
    }).catch((error: unknown) => onFailure(keepFailure(error, component, log)));
    const timedOut = await limit.snapshot();
    const closed = await closeEnclosure(enclosure, component, log);
    const killed = closed.strays.killed.filter(({ command }) => !mayBeLeft(command, task.leave ?? []));
    const strays = { ...closed.strays, killed };
    return { result, timedOut, logFailure: log.failure, ...closed, strays };
  } catch (error) {
    const result = onFailure(keepFailure(error, component, log));
    return { result, timedOut: undefined, logFailure: log.failure, strays: NOBODY, failure: undefined };
  } finally {
    for (const each of disarm) each();
    run.active.delete(active);
    progress.end();
    directory.restore();
    log.close();
  }
}

/** Processes that no mark revealed, found only in the enclosure: ended if possible, and reported like any leftover. */
export function strayFindings(
  name: string,
  { killed, survivors }: Ending,
  leaver: LeaverSource = 'none',
): Finding[] {
  const ended = killed.length === 0 ? [] : [leftBehind(name, killed, leaver)];
  return [...ended, ...notEnded(name, survivors)];
}
