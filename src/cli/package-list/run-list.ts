/** Runs a list of packages like any suite, and shows what came of each in a table. */
import { asLine } from '../../core/harmless.ts';
import type { Suite } from '../../core/suite.ts';
import type { Course } from '../../engine/course.ts';
import { planRun } from '../../plan/plan.ts';
import { openTier } from '../../process/ownership/tiers/choose.ts';
import type { Program } from '../flags.ts';
import { type Outcome, refuse } from '../outcome.ts';
import type { PackageFlags } from '../package.ts';
import { refuseRun, tierDiagnostic } from '../refusal.ts';
import { openReports, type ReportRequest, reportOnOutput } from '../reports.ts';
import { carryOut, hostOf, openFrontend } from '../run.ts';
import { TableFold } from './table.ts';

/** How the packages are tried. */
export interface ListCourse {
  /** How many at a time. */
  readonly jobs: number;
  readonly course: Course;
}

/** @param suite whose components are packages */
export async function runList(
  suite: Suite,
  { jobs, course }: ListCourse,
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
  const frontend = openFrontend(isOutputTaken, flags, program);
  const table = new TableFold();
  const host = hostOf(frontend, tier.value, program);
  const outcome = await carryOut({ plan: plan.value, course, reports: reports.value }, frontend, {
    ...host,
    sinks: [...host.sinks, table.take],
  });
  const stream = isOutputTaken ? process.stderr : process.stdout;
  if (flags.quiet !== true) stream.write(`\n${table.lines.map((line) => `${asLine(line)}\n`).join('')}`);
  return outcome;
}
