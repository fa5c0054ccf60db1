/** Carries out a plan. All effects of a run start here, and so do all its events. */
import { clock } from '../domain/clock.ts';
import type { Stamped } from '../domain/event.ts';
import { type Finding, showProcess } from '../domain/finding.ts';
import { ownershipOf } from '../domain/ownership.ts';
import type { Plan, PlannedComponent } from '../domain/plan.ts';
import { type StopReason, stopReason } from '../domain/stop-reason.ts';
import type { Environment } from '../domain/suite.ts';
import { type Ms, plural } from '../domain/units.ts';
import { EXIT_CODES, foldVerdicts, SIGNAL_EXIT_CODES, type Verdict, verdictOf } from '../domain/verdict.ts';
import { pruneRuns, unfinishedRuns } from '../process/ownership/run-directory.ts';
import { endStragglers, sweepRun } from '../process/ownership/sweep.ts';
import { attemptComponent } from './attempt.ts';
import { createEmitter } from './emitter.ts';
import { baseEnvironment } from './environment.ts';
import { prepareGround } from './ground.ts';
import { attendRequests } from './requests.ts';
import type { Preparation, Run, RunHost } from './run-context.ts';
import { runSchedule } from './schedule.ts';

const SWEEP_GRACE = 1000 as Ms;

/**
 * Runs a plan to its end; nothing that it started is alive afterwards.
 *
 * @returns the verdict of the run, and the exit code that belongs to it
 * @throws when not even a temporary folder can be written to
 */
export async function runPlan(plan: Plan, host: RunHost): Promise<{ verdict: Verdict; exitCode: number }> {
  const startedAt = clock.now();
  const startedDate = new Date();
  const { tier } = host;
  const swept = await sweepEarlierRuns(plan.root);
  const ground = prepareGround(plan.root, startedDate, host);
  const { directory, pipes } = ground;
  const journal = (event: Stamped): void => {
    if (event.type !== 'output') directory.journal(event);
  };
  const emit = createEmitter([journal, ...host.sinks]);
  const run: Run = { plan, control: host.control, directory, pipes, tier, active: new Set(), emit };
  emit({
    type: 'run-started',
    run: directory.run,
    version: host.version,
    suite: plan.suite,
    root: plan.root,
    runDir: directory.path,
    startedAt: startedDate.toISOString(),
    memory: plan.memory,
    ownership: ownershipOf(tier.name),
    jobs: plan.jobs,
    components: plan.components.map(({ component: { name, kind } }) => ({ name, kind })),
  });
  for (const finding of [...swept, ...ground.note]) emit({ type: 'run-note', finding });
  for (const absent of plan.skipped) {
    emit({ type: 'component-skipped', component: absent.name, kind: null, reason: absent.reason });
  }
  const release = attendRequests(run, ground.watchdog);
  const verdicts = await runComponents(run, host);
  release();
  const stragglers = [...(await endStragglers(directory)), ...(await tier.close())];
  if (stragglers.length > 0) {
    verdicts.push('failed');
    emit({
      type: 'run-note',
      finding: {
        code: 'leaked-process',
        message: `${plural(stragglers.length, 'process', 'processes')} of this run outlived every component and had to be killed`,
        processes: stragglers,
      },
    });
  }
  if (directory.failure !== undefined)
    emit({
      type: 'run-note',
      finding: { code: 'log-incomplete', message: `the journal could not be written: ${directory.failure}` },
    });
  const verdict = foldVerdicts(verdicts);
  const reason = stopReason(host.control.stop);
  const exitCode =
    reason?.type === 'interrupted'
      ? (SIGNAL_EXIT_CODES[reason.signal] ?? EXIT_CODES.inconclusive)
      : EXIT_CODES[verdict];
  emit({ type: 'run-finished', verdict, exitCode, durationMs: clock.now() - startedAt });
  await ground.close();
  pruneRuns(plan.root, plan.keepRuns);
  return { verdict, exitCode };
}

/** What a killed run left may hold the very port that this one needs. */
async function sweepEarlierRuns(root: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const earlier of unfinishedRuns(root).filter((candidate) => !candidate.alive)) {
    const { found } = await sweepRun(earlier, SWEEP_GRACE);
    if (found.length === 0) continue;
    findings.push({
      code: 'swept',
      message: `ended ${plural(found.length, 'process', 'processes')} that an earlier run left when it was killed: ${found.map(showProcess).join(', ')}`,
      processes: found,
    });
  }
  return findings;
}

async function runComponents(run: Run, host: RunHost): Promise<Verdict[]> {
  const { plan, emit, control } = run;
  const verdicts: Verdict[] = [];
  const skip = ({ component }: PlannedComponent, reason: string): void => {
    verdicts.push('skipped');
    emit({ type: 'component-skipped', component: component.name, kind: component.kind, reason });
  };
  const active = new Set<string>();
  const failFast = new AbortController();
  const announce = (again: boolean): void => {
    const reason = stopReason(control.stop);
    if (reason?.type === 'interrupted')
      emit({ type: 'interrupted', signal: reason.signal, again, ending: [...active] });
  };
  const onStop = (): void => announce(false);
  const onHurry = (): void => announce(true);
  control.stop.addEventListener('abort', onStop);
  control.hurry.addEventListener('abort', onHurry);
  try {
    const exported = await runSetup(run, host, active);
    if (exported === undefined) {
      for (const planned of plan.components)
        skip(planned, control.stop.aborted ? 'interrupted' : 'the setup failed');
      return [...verdicts, control.stop.aborted ? 'inconclusive' : setupVerdict(host)];
    }
    const env = baseEnvironment(plan, host.inherited, exported);
    await runSchedule(plan, {
      execute: async ({ component }) => {
        active.add(component.name);
        const stop = AbortSignal.any([control.stop, failFast.signal]);
        const verdict = await attemptComponent(component, { ...run, env, stop });
        active.delete(component.name);
        verdicts.push(verdict);
        return verdict;
      },
      skip,
      stopAll: (because) => failFast.abort({ type: 'obsolete', because } satisfies StopReason),
      isStopped: () => control.stop.aborted,
    });
    return verdicts;
  } finally {
    control.stop.removeEventListener('abort', onStop);
    control.hurry.removeEventListener('abort', onHurry);
  }
}

/** Runs the setup steps in order. Returns what they exported, or undefined when one failed or a person interrupted. */
async function runSetup(run: Run, host: RunHost, active: Set<string>): Promise<Environment | undefined> {
  if (host.prepared !== undefined && !tellPrepared(host.prepared, run)) return undefined;
  let exported: Environment = {};
  const path = baseEnvironment(run.plan, host.inherited, {}).PATH ?? '';
  for (const step of run.plan.setup) {
    // Hashes and patterns of files: most runs need neither.
    const { runSetupStep } = await import('./setup-step.ts');
    active.add(step.name);
    const env = baseEnvironment(run.plan, host.inherited, exported);
    const result = await runSetupStep(step, { ...run, env, before: { exported, path } });
    active.delete(step.name);
    if (result === undefined || run.control.stop.aborted) return undefined;
    exported = { ...exported, ...result };
  }
  return exported;
}

/** What was done before the run is told as if it were its first step. Returns whether it succeeded. */
function tellPrepared({ name, outcome, durationMs, findings }: Preparation, { emit }: Run): boolean {
  emit({ type: 'setup-started', step: name });
  emit({ type: 'setup-finished', step: name, outcome, durationMs, logFile: null, findings });
  return outcome !== 'failed';
}

/** The verdict of a run whose setup did not come to its end. */
function setupVerdict({ prepared }: RunHost): Verdict {
  return prepared?.outcome === 'failed' ? verdictOf(prepared.findings) : 'failed';
}
