import { loadSuite } from '../config/discover.ts';
import type { Plan } from '../domain/plan.ts';
import { EXIT_CODES } from '../domain/verdict.ts';
import { runPlan } from '../engine/run.ts';
import { planRun } from '../plan/plan.ts';
import { openTier } from '../process/ownership/tiers/choose.ts';
import type { Tier } from '../process/ownership/tiers/tier.ts';
import { type OwnershipFlags, type Program, type RunFlags, suiteChoice } from './flags.ts';
import { type Outcome, refuse } from './outcome.ts';
import { type OpenReport, openReports, parseReports } from './reports.ts';
import { watchSignals } from './signals.ts';
import { createTerminalReport } from './terminal-report.ts';

type Flags = RunFlags & OwnershipFlags & { readonly report?: readonly string[] };

/** All that is known before anything is started. */
interface Prepared {
  readonly plan: Plan;
  readonly reports: readonly OpenReport[];
  /** Standard output belongs to a report for machines. */
  readonly isOutputTaken: boolean;
}

/** Runs what was selected, tells of it, and comes to the verdict. */
export async function run(names: readonly string[], flags: Flags, program: Program): Promise<Outcome> {
  // It takes a moment, in which the suite is read.
  const opening = openTier(flags.ownership);
  const prepared = await prepare(names, flags, program);
  const tier = await opening;
  if ('exitCode' in prepared) {
    if (tier.ok) await tier.value.close();
    return prepared;
  }
  if (!tier.ok) {
    const message = `ownership by ${flags.ownership} is not permitted on this machine: ${tier.error}`;
    return refuse([
      { message, hint: 'shakedown doctor tells what is; without --ownership the strongest is used' },
    ]);
  }
  return carryOut(prepared, tier.value, program);
}

/** @returns what to run, or the outcome when there is nothing that could be run */
async function prepare(
  names: readonly string[],
  flags: Flags,
  program: Program,
): Promise<Prepared | Outcome> {
  const requests = parseReports(flags.report ?? [], program.cwd);
  if (!requests.ok) return refuse(requests.error);
  const suite = await loadSuite(suiteChoice(flags, program));
  if (!suite.ok) return refuse(suite.error);
  const plan = planRun(suite.value, names, { ...flags, commands: program.commands });
  if (!plan.ok) return refuse(plan.error);
  if (plan.value.components.length === 0) {
    const absent = plan.value.skipped.map(({ name, reason }) => `\n  ${name}: ${reason}`).join('');
    const named = suite.value.components.map(({ name }) => name).join(', ');
    process.stderr.write(
      `shakedown: nothing was selected, so nothing ran${absent}${named === '' ? '' : `\n  run by name: ${named}`}\n`,
    );
    return { exitCode: EXIT_CODES.skipped };
  }
  const reports = openReports(requests.value);
  if (!reports.ok) return refuse(reports.error);
  const isOutputTaken = requests.value.some(({ format, file }) => format !== 'terminal' && file === null);
  return { plan: plan.value, reports: reports.value, isOutputTaken };
}

async function carryOut(
  { plan, reports, isOutputTaken }: Prepared,
  tier: Tier,
  program: Program,
): Promise<Outcome> {
  const terminal = createTerminalReport(
    isOutputTaken ? process.stderr : process.stdout,
    process.env,
    program.cwd,
  );
  const signals = watchSignals(terminal.leave);
  const outcome = await runPlan(plan, {
    version: program.version,
    reaper: program.reaper,
    inherited: process.env,
    control: signals.control,
    tier,
    sinks: [terminal.sink, ...reports.map(({ sink }) => sink)],
  });
  terminal.close();
  // A report that cannot be written does not lose the verdict.
  for (const report of reports) {
    const failure = await report.finish();
    if (failure !== undefined) process.stderr.write(`shakedown: ${failure}\n`);
  }
  signals.release();
  const signal = signals.received();
  return signal === undefined ? { exitCode: outcome.exitCode } : { exitCode: outcome.exitCode, signal };
}
