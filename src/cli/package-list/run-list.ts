/** Runs a list of packages like any suite, and shows what came of each in a table. */
import type { Diagnostic } from '../../core/diagnostic.ts';
import { asLine } from '../../core/harmless.ts';
import type { Result } from '../../core/result.ts';
import type { Suite } from '../../core/suite.ts';
import type { Course } from '../../engine/course.ts';
import type { RunControl } from '../../engine/run-context.ts';
import { planRun } from '../../plan/plan.ts';
import { openTier } from '../../process/ownership/tiers/choose.ts';
import type { Program } from '../flags.ts';
import { type Outcome, refuse } from '../outcome.ts';
import type { PackageFlags } from '../package.ts';
import { refuseRun, reportRefusal, tierDiagnostic } from '../refusal.ts';
import { openReports, type ReportRequest, reportOnOutput } from '../reports.ts';
import { carryOut, hostOf, openFrontend } from '../run.ts';
import { TableFold } from './table.ts';

/**
 * What is done before the run: by then signals are heard.
 *
 * @param stream for what is said meanwhile
 * @returns how the packages are tried; or why they are not
 */
export type Begin = (
  control: RunControl,
  stream: NodeJS.WriteStream,
) => Promise<Result<Course, readonly Diagnostic[]>>;

export interface ListRun {
  /** Its components are packages. */
  readonly suite: Suite;
  /** How many are tried at a time. */
  readonly jobs: number;
  readonly begin: Begin;
}

export async function runList(
  { suite, jobs, begin }: ListRun,
  requests: readonly ReportRequest[],
  flags: PackageFlags,
  program: Program,
): Promise<Outcome> {
  const plan = planRun(suite, [], { jobs, keepGoing: true, repeat: 1 });
  if (!plan.ok) return refuseRun(plan.error, requests, program);
  const tier = await openTier(flags.ownership, program.clock);
  if (!tier.ok) return refuseRun([tierDiagnostic(flags, tier.error)], requests, program);
  const reports = await openReports(requests);
  if (!reports.ok) {
    await tier.value.close();
    return refuse(reports.error);
  }
  const isOutputTaken = reportOnOutput(requests) !== undefined;
  const stream = isOutputTaken ? process.stderr : process.stdout;
  const frontend = openFrontend(isOutputTaken, flags, program);
  const course = await begin(frontend.signals.control, stream);
  if (!course.ok) {
    frontend.terminal.close();
    frontend.signals.release();
    await tier.value.close();
    return reportRefusal(course.error, reports.value, program);
  }
  const table = new TableFold();
  const host = hostOf(frontend, tier.value, program);
  const run = { plan: plan.value, course: course.value, reports: reports.value };
  const outcome = await carryOut(run, frontend, { ...host, sinks: [...host.sinks, table.take] });
  if (flags.quiet !== true) stream.write(`\n${table.lines.map((line) => `${asLine(line)}\n`).join('')}`);
  return outcome;
}
