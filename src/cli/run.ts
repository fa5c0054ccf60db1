import type { Diagnostic } from '../core/diagnostic.ts';
import { visible } from '../core/harmless.ts';
import type { Plan } from '../core/plan.ts';
import { ok, type Result } from '../core/result.ts';
import { EXIT_CODES } from '../core/verdict.ts';
import { type Course, runComponents } from '../engine/course.ts';
import { runPlan } from '../engine/run.ts';
import type { RunHost } from '../engine/run-context.ts';
import { planRun } from '../plan/plan.ts';
import { Owner } from '../process/ownership/owner.ts';
import { openTier } from '../process/ownership/tiers/choose.ts';
import type { Tier } from '../process/ownership/tiers/tier.ts';
import { shortPath } from '../report/terminal/parts.ts';
import { tellIncomplete } from './destination.ts';
import { type DetailFlags, detailOf } from './detail.ts';
import type { OwnershipFlags, Program, RunFlags } from './flags.ts';
import { tellIdleUses } from './idle-uses.ts';
import { lastFailures, leftOut, tellNoFailures } from './last-failures.ts';
import { readSuite } from './namesakes.ts';
import type { OpenReport } from './open-report.ts';
import { type Outcome, refuse } from './outcome.ts';
import { refuseRun, reportRefusal, tierDiagnostic } from './refusal.ts';
import { openReports, type ReportFlags, reportOnOutput, requestReports, tellsGithub } from './reports.ts';
import { say } from './say.ts';
import { takeShard } from './shard.ts';
import { type SignalWatch, watchSignals } from './signals.ts';
import { createTerminalReport, type TerminalReport } from './terminal-report.ts';

type Flags = RunFlags & OwnershipFlags & ReportFlags & DetailFlags;

/** What is known before anything is started. */
interface Prepared {
  readonly plan: Plan;
  readonly course: Course;
  readonly reports: readonly OpenReport[];
  /** Whether a machine-readable report goes to standard output. */
  readonly isOutputTaken: boolean;
  /** Said below the verdict. */
  readonly notes: readonly string[];
}

/** What to do with a plan; or what is wrong with that. */
type ChooseCourse = (plan: Plan) => Promise<Result<Course, readonly Diagnostic[]>>;

/**
 * Runs what was selected, reports it, and comes to a verdict.
 *
 * @param choose what to do with it; by default each component is run, and compared with earlier runs
 */
export async function run(
  names: readonly string[],
  flags: Flags,
  program: Program,
  choose?: ChooseCourse,
): Promise<Outcome> {
  // This takes a moment; the suite is read meanwhile.
  const opening = openTier(flags.ownership, program.clock);
  const prepared = await prepare(names, flags, program, choose).catch(async (error: unknown) => {
    const tier = await opening;
    if (tier.ok) await tier.value.close();
    throw error;
  });
  const tier = await opening;
  if ('exitCode' in prepared) {
    if (tier.ok) await tier.value.close();
    return prepared;
  }
  if (!tier.ok) return reportRefusal([tierDiagnostic(flags, tier.error)], prepared.reports, program);
  const frontend = openFrontend(prepared.isOutputTaken, flags, program);
  const host = { ...hostOf(frontend, tier.value, program), isCompared: choose === undefined };
  const outcome = await carryOut(prepared, frontend, host);
  for (const note of prepared.notes) say(visible(note), process.stderr);
  return outcome;
}

/** @returns what to run, or the outcome when there is nothing to run */
async function prepare(
  names: readonly string[],
  flags: Flags,
  program: Program,
  choose: ChooseCourse = async () => ok(runComponents),
): Promise<Prepared | Outcome> {
  const requests = requestReports(flags, program);
  if (!requests.ok) return refuse(requests.error);
  const suite = await readSuite(flags, program);
  if (!suite.ok) return refuseRun(suite.error, requests.value, program);
  const failed = lastFailures(suite.value, flags);
  if (!failed.ok) return refuseRun(failed.error, requests.value, program);
  const plan = planRun(suite.value, names, {
    ...flags,
    failed: failed.value,
    commands: program.commands,
    report: reportOnOutput(requests.value),
  });
  if (!plan.ok) return refuseRun(plan.error, requests.value, program);
  if (plan.value.components.length === 0) {
    if (failed.value !== undefined) return tellNoFailures(failed.value, names);
    const named = suite.value.components.map(({ name }) => name).join(', ');
    const lines = [
      'shakedown: nothing was selected, so nothing ran',
      ...plan.value.skipped.map(({ name, reason }) => `  ${name}: ${reason}`),
      ...(named === '' ? [] : [`  run by name: ${named}`]),
    ];
    for (const line of lines) say(visible(line), process.stderr);
    return { exitCode: EXIT_CODES.skipped };
  }
  tellIdleUses(plan.value, flags.use);
  const part = takeShard(plan.value, flags.shard);
  const course = await choose(part);
  if (!course.ok) return refuseRun(course.error, requests.value, program);
  const reports = await openReports(requests.value);
  if (!reports.ok) return refuse(reports.error);
  return {
    plan: part,
    course: course.value,
    reports: reports.value,
    isOutputTaken: reportOnOutput(requests.value) !== undefined,
    notes: failed.value === undefined ? [] : leftOut(failed.value, plan.value),
  };
}

/** The reports and signals of a run, from before its first process on. */
export interface Frontend {
  readonly terminal: TerminalReport;
  readonly signals: SignalWatch;
  /** Says below the verdict where a page is, unless nothing but the verdict is wanted. */
  readonly tellPage?: (file: string) => void;
}

export function openFrontend(
  isOutputTaken: boolean,
  flags: DetailFlags & ReportFlags,
  program: Program,
): Frontend {
  const stream = isOutputTaken ? process.stderr : process.stdout;
  const terminal = createTerminalReport(stream, process.env, program, {
    ...{ detail: detailOf(flags), folds: tellsGithub(flags, process.env) },
  });
  return {
    ...{ terminal, signals: watchSignals(terminal.leave, program.lastResort) },
    ...(flags.quiet === true
      ? {}
      : { tellPage: (file) => say(visible(`  page: ${shortPath(file, program.cwd)}`), stream) }),
  };
}

/** What a run needs of a frontend. */
interface Ends {
  readonly terminal: Pick<TerminalReport, 'sink'>;
  readonly signals: Pick<SignalWatch, 'control'>;
}

export function hostOf({ signals, terminal }: Ends, tier: Tier, program: Program): RunHost {
  return {
    version: program.version,
    reaper: program.reaper,
    inherited: process.env,
    control: signals.control,
    clock: program.clock,
    tier,
    openOwner: (context, id) => new Owner(context, id),
    sinks: [terminal.sink],
  };
}

/** @param host the frontend's, with what else it needs */
export async function carryOut(
  { plan, course, reports }: Pick<Prepared, 'plan' | 'course' | 'reports'>,
  { terminal, signals, tellPage }: Frontend,
  host: RunHost,
): Promise<Outcome> {
  const sinks = [...host.sinks, ...reports.map(({ sink }) => sink)];
  const outcome = await runPlan(plan, { ...host, sinks }, course);
  terminal.close();
  let exitCode: number = outcome.exitCode;
  for (const report of reports) {
    const failure = await report.finish().catch(host.control.onCrash);
    if (failure !== undefined) exitCode = tellIncomplete(failure, exitCode);
    else if (report.page !== undefined) tellPage?.(report.page);
  }
  signals.release();
  const signal = signals.received();
  return signal === undefined ? { exitCode } : { exitCode, signal };
}
