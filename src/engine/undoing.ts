/** Carries out one undo or teardown step of a run, supervised like everything else, and reports it. */
import { closeSync } from 'node:fs';
import type { Finding } from '../core/finding.ts';
import { quote } from '../core/quote.ts';
import { secrets } from '../core/secrets.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { StopReason } from '../core/stop-reason.ts';
import { type Environment, EXPECT_SUCCESS, showCommand } from '../core/suite.ts';
import { type Undo, type UndoFailure, undoOwner } from '../core/undo.ts';
import { ms } from '../core/units.ts';
import type { ComponentContext } from '../kinds/common/context.ts';
import { runStep } from '../kinds/common/run-step.ts';
import { verdictOf } from '../kinds/index.ts';
import { leaseName } from '../process/ownership/owner.ts';
import type { Tier } from '../process/ownership/tiers/tier.ts';
import { Undos } from '../process/undo/undos.ts';
import type { RunDirectory } from '../store/run-directory.ts';
import type { Run, RunResources } from './run-context.ts';
import { logPath, strayFindings, supervise } from './supervise.ts';

/** How long undos may go on, all together, once the user has asked a second time to end at once. */
const HURRIED = ms(10_000);

/** @param resources those of the run, for when it carries something out */
export function openUndos(
  directory: Pick<RunDirectory, 'undos' | 'openLease'>,
  tier: Tier,
  resources: () => RunResources,
): Undos {
  let patience: Patience | undefined;
  return new Undos(directory.undos, {
    terms: () => ({ tier: tier.name, secrets: [...secrets.names] }),
    reserve: (undo, id) => closeSync(directory.openLease(leaseName(undoOwner(undo, id)))),
    carryOut: (undo, id) => {
      patience ??= new Patience(resources());
      return carryOutUndo(undo, id, resources(), patience);
    },
  });
}

/**
 * Registers the steps of the teardown, before anything is done.
 *
 * @param env what everything of the run inherits
 * @returns adds what a setup step has exported to their environments
 */
export function registerTeardown({ plan, undos }: Run, env: Environment): (exported: Environment) => void {
  // The latest is carried out first, but these in order, and after all that is undone.
  const steps = plan.teardown.map((step, index) => ({ ...step, label: String(index + 1) })).reverse();
  const handles = steps.map(({ name, command, cwd, env: own, timeout, label }) => ({
    own,
    handle: undos.register(
      {
        ...{ kind: 'teardown', name, title: `teardown "${name}"`, command, cwd, timeout },
        env: { ...env, ...own },
      },
      label,
    ),
  }));
  return (exported) => {
    for (const { handle, own } of handles) handle.learn({ ...exported, ...own });
  };
}

/** Aborts when a run in a hurry has waited for its undos for long enough: for all of them together. */
class Patience {
  readonly #over = new AbortController();
  readonly signal: AbortSignal = this.#over.signal;

  constructor({ control, clock }: Pick<RunResources, 'control' | 'clock'>) {
    const onHurry = (): void => {
      const reason: StopReason = { type: 'timeout', limit: HURRIED };
      clock.after(HURRIED, () => this.#over.abort(reason), false);
    };
    if (control.hurry.aborted) onHurry();
    else control.hurry.addEventListener('abort', onHurry, { once: true });
  }
}

/**
 * @param id names its log; unique within the run
 * @returns why it has failed, if it has
 */
async function carryOutUndo(
  undo: Undo,
  id: string,
  run: RunResources,
  patience: Patience,
): Promise<UndoFailure | undefined> {
  const { emit, clock } = run;
  const { kind, name, title, command, env, timeout } = undo;
  const startedAt = clock.now();
  const logName = `${id}.log`;
  emit({ type: 'teardown-started', step: name, kind, command: showCommand(command) });
  const task = { component: `${kind}:${name}`, id, logName, seed: 1, env, timeout, stop: patience.signal };
  const { result, strays, failure } = await supervise(
    task,
    run,
    (context) => attempt(undo, context, patience),
    (finding) => [finding],
  );
  const all = [...result, ...strayFindings(title, strays), ...(failure === undefined ? [] : [failure])];
  const cause = all.find((finding) => isFailure(finding));
  const findings =
    cause === undefined ? all : [undoFailed(undo, cause), ...all.filter((each) => each !== cause)];
  const outcome = verdictOf(findings) === 'passed' ? 'done' : 'failed';
  const durationMs = clock.now() - startedAt;
  emit({
    type: 'teardown-finished',
    step: name,
    kind,
    outcome,
    durationMs,
    logFile: logPath(run, logName),
    findings,
  });
  return cause === undefined ? undefined : failureOf(cause);
}

async function attempt(
  { kind: name, title, command, cwd, env }: Undo,
  context: ComponentContext,
  { signal }: Patience,
): Promise<Finding[]> {
  if (signal.aborted) return [endedEarly(title)];
  // One that is cut short has not been asked for its state.
  const none: Snapshot = { running: [], stacks: [] };
  const snapshot = async (): Promise<Snapshot | undefined> =>
    (await context.snapshot()) ?? (signal.aborted ? none : undefined);
  const step = { name, title, command, cwd, env, expect: EXPECT_SUCCESS };
  return runStep(step, { ...context, snapshot });
}

/** There was no time left for it. */
const endedEarly = (title: string): Finding => ({
  code: 'ended-early',
  message: `${title} was not begun: the run had to end at once`,
});

/** Whether the command itself has failed, and not only left a process behind. */
const isFailure = (finding: Finding): boolean =>
  verdictOf([finding]) !== 'passed' && finding.code !== 'leaked-process';

const exitOf = (cause: Finding) =>
  cause.code === 'exit-code'
    ? { exitCode: cause.exitCode, signal: cause.signal }
    : { exitCode: null, signal: null };

const failureOf = (cause: Finding): UndoFailure => ({ ...exitOf(cause), message: cause.message });

/** What the step was to undo may still be there: that is worse than how it failed, and says what to do. */
function undoFailed({ kind, command, cwd }: Undo, cause: Finding): Finding {
  const line = showCommand(command);
  const byHand = `(cd ${quote(cwd)} && ${line})`;
  return {
    code: kind === 'undo' ? 'undo-failed' : 'teardown-failed',
    message: cause.message,
    ...(cause.evidence === undefined ? {} : { evidence: cause.evidence }),
    hint: `see to what is in its way, then let \`shakedown sweep\` try again, or do it by hand: ${byHand}`,
    command: line,
    ...exitOf(cause),
  };
}
