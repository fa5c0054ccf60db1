/** Carries out a plan. All effects and all events of a run start here. */
import { setTimeout as delay } from 'node:timers/promises';
import { withoutCredentials } from '../core/address.ts';
import type { RunEvent, Stamped, UsedService } from '../core/event.ts';
import { failureFinding, troubleOf } from '../core/failure.ts';
import type { Finding } from '../core/finding.ts';
import { notEnded, sightings } from '../core/leftovers.ts';
import { ownershipOf } from '../core/ownership.ts';
import type { Plan } from '../core/plan.ts';
import { type Secrets, secrets } from '../core/secrets.ts';
import { stopReason, untilAborted } from '../core/stop-reason.ts';
import { suggest } from '../core/suggest.ts';
import type { Component, Environment, SetupStep } from '../core/suite.ts';
import { plural } from '../core/units.ts';
import type { Ending } from '../process/ownership/ending.ts';
import { endStragglers } from '../process/ownership/sweep.ts';
import type { Undos } from '../process/undo/undos.ts';
import { runsAround } from '../store/run-directory.ts';
import { Comparison } from './comparison.ts';
import { conclude, type RunEnd, whyStopped } from './conclusion.ts';
import { type Course, runComponents } from './course.ts';
import { clearAfterEarlierRuns } from './earlier-runs.ts';
import { createEmitter } from './emitter.ts';
import { baseEnvironment } from './environment.ts';
import { Ledger } from './ledger.ts';
import { attendRequests } from './requests.ts';
import type { Preparation, Run, RunHost } from './run-context.ts';
import { type RunSetup, setUpRun } from './run-setup.ts';
import { SharedPool } from './shared/pool.ts';
import { openUndos, registerTeardown } from './undoing.ts';

/** In milliseconds: how long cleaning up after the verdict may take. */
const PUT_AWAY_WITHIN = 5000;

/**
 * Runs a plan to its end, and ends whatever it leaves. Whatever goes wrong, each component gets a final event, and the
 * run its verdict.
 *
 * @param course what to do once the setup is done
 * @returns the verdict of the run, and its exit code
 */
export async function runPlan(plan: Plan, host: RunHost, course: Course = runComponents): Promise<RunEnd> {
  const { control, clock } = host;
  const startedAt = clock.now();
  const startedDate = new Date();
  const ledger = new Ledger(plan.components.map(({ component }) => component.name));
  let runSetup: RunSetup | undefined;
  let comparison: Comparison | undefined;
  let isOver = false;
  let undone = (): boolean => true;
  const journal = (event: Stamped): void => {
    if (event.type !== 'output') runSetup?.directory.journal(event);
  };
  const fold = (event: Stamped): void => {
    ledger.take(event);
    comparison?.take(event);
  };
  const sinks = [journal, fold, ...host.sinks];
  const tell = createEmitter(sinks, () => clock.now(), control.onCrash);
  const emit = (event: RunEvent): void => {
    if (!isOver) tell(event);
  };
  const begin = (): void =>
    emit({
      type: 'run-started',
      run: runSetup?.directory.run ?? '',
      version: host.version,
      suite: plan.suite,
      root: plan.root,
      source: plan.source,
      runDir: runSetup?.directory.path ?? '',
      startedAt: startedDate.toISOString(),
      memory: plan.memory,
      ownership: ownershipOf(host.tier.name),
      jobs: plan.jobs,
      components: plan.components.map(({ component }) => begun(component, plan, comparison)),
      ...usedBy(plan),
      ...(plan.holds === undefined ? {} : { holds: plan.holds }),
      ...(comparison === undefined ? {} : { isCompared: true }),
      ...partlyOf(plan),
    });
  const carryOut = async (): Promise<true> => {
    try {
      const cleared = await clearAfterEarlierRuns(plan.root, plan.keepRuns, { ...host, emit });
      runSetup = setUpRun(plan.root, startedDate, host);
      const { state } = runSetup.directory;
      // A run within another is not what users mean by the last one.
      if (host.isCompared === true && runsAround(process.env, state).length === 0)
        comparison = new Comparison(plan, state);
      begin();
      comparison?.tell(emit);
      const { note } = runSetup;
      // If the run had to use another folder, that note explains this one as well.
      const others = cleared.filter(({ hint }) =>
        note.every((told) => hint === undefined || told.hint !== hint),
      );
      for (const finding of [...others, ...note]) emit({ type: 'run-note', finding });
      const undos: Undos = openUndos(runSetup.directory, host.tier, () => run);
      const { directory, pipes } = runSetup;
      const run: Run = { ...host, plan, directory, pipes, undos, active: new Set(), emit };
      undone = () => undos.isEmpty;
      await runOn(run, runSetup, host, { ledger, emit, course });
    } catch (error) {
      control.onCrash(error);
    }
    return true;
  };
  // An abandoned run is left to the watchdog, which acts when we exit.
  const hasEnded = (await untilAborted(carryOut(), control.abandon)) === true;
  if (!ledger.hasBegun) begin();
  const end = conclude(ledger, control, emit, {
    elapsedMs: clock.now() - startedAt,
    isHold: plan.holds !== undefined || plan.isWatched === true,
    mayBeEmpty: plan.shard !== undefined && plan.components.length === 0,
    keep: (how) => comparison?.keep(how),
  });
  isOver = true;
  if (hasEnded && runSetup !== undefined)
    await Promise.race([runSetup.close(undone()), delay(PUT_AWAY_WITHIN, undefined, { ref: false })]);
  return end;
}

/** Why the run is not for the whole suite, if it is not. */
const partlyOf = ({
  rerunOf,
  shard,
}: Plan): Pick<Extract<RunEvent, { type: 'run-started' }>, 'rerunOf' | 'shard'> => ({
  ...(rerunOf === undefined ? {} : { rerunOf }),
  ...(shard === undefined ? {} : { shard }),
});

/** A component for the first event. What is put together from shards is compared with earlier runs as well. */
function begun(
  { name, kind, cwd }: Component,
  { shard }: Plan,
  comparison: Comparison | undefined,
): Extract<RunEvent, { type: 'run-started' }>['components'][number] {
  const likeness = shard === undefined ? undefined : comparison?.likenesses.get(name);
  return { name, kind, cwd, ...(likeness === undefined ? {} : { likeness }) };
}

/** What the run uses without having started it, for its first event. */
function usedBy({ shared }: Plan): { readonly used?: readonly UsedService[] } {
  const used = shared.flatMap((each) =>
    each.type === 'external' ? [{ name: each.name, url: withoutCredentials(each.url) }] : [],
  );
  return used.length === 0 ? {} : { used };
}

/** What goes through a run from its start to its verdict. */
interface Thread {
  readonly ledger: Ledger;
  readonly emit: (event: RunEvent) => void;
  readonly course: Course;
}

/** Everything between the start of a run and its verdict. */
async function runOn(
  run: Run,
  { watchdog }: RunSetup,
  host: RunHost,
  { ledger, emit, course }: Thread,
): Promise<void> {
  const { directory, plan, undos } = run;
  const { control, tier } = host;
  for (const absent of plan.skipped) {
    emit({ type: 'component-skipped', component: absent.name, kind: null, reason: absent.reason });
  }
  const release = attendRequests(run, watchdog);
  const active = new Set<string>();
  const unannounce = announceSignals(run, active);
  tier.expect?.(plan.setup.length + plan.shared.length + plan.components.length * plan.repeat);
  try {
    await runStages(run, host, ledger, { course, active });
  } catch (error) {
    control.onCrash(error);
  }
  const endings = [await endStragglers(directory, host.clock)];
  if (!undos.isEmpty) {
    await undos.carryOutAll().catch(control.onCrash);
    endings.push(await endStragglers(directory, host.clock));
  }
  unannounce();
  release();
  for (const ending of [...endings, await tier.close()]) {
    // After a crash, these are the processes that there was no time to end.
    if (control.crash() !== undefined) continue;
    for (const finding of stragglerFindings(ending)) emit({ type: 'run-note', finding });
  }
  if (directory.failure !== undefined)
    emit({
      type: 'run-note',
      finding: { code: 'log-incomplete', message: `the journal could not be written: ${directory.failure}` },
    });
}

/** Processes that outlived every component. */
function stragglerFindings({ killed, survivors }: Ending): Finding[] {
  const rest = notEnded('the run', survivors);
  if (killed.length === 0) return rest;
  const message = `${plural(killed.length, 'process', 'processes')} of this run outlived every component and had to be killed`;
  return [{ code: 'leaked-process', message, ...sightings(killed) }, ...rest];
}

/**
 * Tells when the user interrupts.
 *
 * @param active names of what would be ended by that
 * @returns stops doing so
 */
function announceSignals({ control, emit, ...run }: Run, active: ReadonlySet<string>): () => void {
  const announce = (again: boolean): void => {
    const reason = stopReason(control.stop);
    if (reason?.type === 'interrupted') emit({ ...reason, again, ending: [...active], ...undoing() });
  };
  const undoing = (): { readonly undoing?: string } => {
    const step = [...run.active].find(({ component }) => /^(?:undo|teardown):/.test(component));
    return step === undefined ? {} : { undoing: step.component };
  };
  const onStop = (): void => announce(false);
  const onHurry = (): void => announce(true);
  control.stop.addEventListener('abort', onStop);
  control.hurry.addEventListener('abort', onHurry);
  return () => {
    control.stop.removeEventListener('abort', onStop);
    control.hurry.removeEventListener('abort', onHurry);
  };
}

/** Runs the setup, then what is to be run. */
async function runStages(
  run: Run,
  host: RunHost,
  ledger: Ledger,
  { course, active }: { readonly course: Course; readonly active: Set<string> },
): Promise<void> {
  const { plan, emit, control } = run;
  const exported = await runSetup(run, host, active);
  if (exported === undefined) {
    const reason = control.stop.aborted ? whyStopped(control) : 'the setup failed';
    for (const { component } of plan.components)
      emit({ type: 'component-skipped', component: component.name, kind: component.kind, reason });
    return;
  }
  const env = baseEnvironment(plan, host.inherited, exported);
  for (const finding of unknownSecrets(secrets, env)) emit({ type: 'run-note', finding });
  const pool = new SharedPool(run, env);
  try {
    await course({ run, env, ledger, pool, active });
  } finally {
    await pool.close();
  }
}

/** A misspelt name would leave a secret in every log without anyone noticing. */
export function unknownSecrets({ unmet }: Secrets, env: Environment): Finding[] {
  return unmet.map((name) => {
    const meant = suggest(name, Object.keys(env));
    return {
      code: 'unknown-secret',
      name,
      message: `\`secrets\` names ${name}, but no environment of this run has that variable: its value is masked only next to its name (${name}=…)`,
      hint: meant === undefined ? 'correct the name, or remove it' : `did you mean ${meant}?`,
    };
  });
}

/** Runs the setup steps in order. Returns their exports, or undefined when one failed or the user interrupted. */
async function runSetup(run: Run, host: RunHost, active: Set<string>): Promise<Environment | undefined> {
  const tellTeardown = registerTeardown(run, baseEnvironment(run.plan, host.inherited, {}));
  if (!tellPrepared(host.prepared ?? [], run)) return undefined;
  let exported: Environment = {};
  const path = baseEnvironment(run.plan, host.inherited, {}).PATH ?? '';
  for (const step of run.plan.setup) {
    // Most runs need neither hashes nor glob patterns.
    const { runSetupStep } = await import('./setup-step.ts');
    active.add(step.name);
    const env = baseEnvironment(run.plan, host.inherited, exported);
    const context = { ...run, env, before: { exported, path } };
    const result = await runSetupStep(step, context).catch((error: unknown) =>
      setupTrouble(step, run, error),
    );
    active.delete(step.name);
    if (result === undefined || run.control.stop.aborted) return undefined;
    exported = { ...exported, ...result };
    tellTeardown(result);
  }
  return exported;
}

/** Reports what was done before the run as its first setup steps. Returns whether there is something to run. */
function tellPrepared(prepared: readonly Preparation[], { emit, plan }: Run): boolean {
  for (const { name, outcome, durationMs, findings } of prepared) {
    emit({ type: 'setup-started', step: name });
    emit({ type: 'setup-finished', step: name, outcome, durationMs, logFile: null, findings });
  }
  return plan.components.length > 0 || prepared.every(({ outcome }) => outcome !== 'failed');
}

/** Reports trouble with the machine, such as a read-only disk; rethrows bugs. */
function setupTrouble({ name }: SetupStep, { emit }: Run, error: unknown): undefined {
  if (troubleOf(error) === undefined) throw error;
  const finding = failureFinding(error, `setup "${name}"`, '');
  emit({
    type: 'setup-finished',
    step: name,
    outcome: 'failed',
    durationMs: 0,
    logFile: null,
    findings: [finding],
  });
}
