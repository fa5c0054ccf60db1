import { loadSuite } from '../config/discover.ts';
import { EXIT_CODES } from '../domain/verdict.ts';
import { runPlan } from '../engine/run.ts';
import { planRun } from '../plan/plan.ts';
import { type Program, type RunFlags, suiteChoice } from './flags.ts';
import { type Outcome, refuse } from './outcome.ts';
import { openReports, parseReports } from './reports.ts';
import { watchSignals } from './signals.ts';
import { createTerminalReport } from './terminal-report.ts';

/** Runs what was selected, tells of it, and comes to the verdict. */
export async function run(
  names: readonly string[],
  flags: RunFlags & { readonly report: readonly string[] },
  program: Program,
): Promise<Outcome> {
  const requests = parseReports(flags.report, program.cwd);
  if (!requests.ok) return refuse(requests.error);
  const suite = await loadSuite(suiteChoice(flags, program));
  if (!suite.ok) return refuse(suite.error);
  const plan = planRun(suite.value, names, flags);
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
  // Standard output belongs to a report for machines, if one goes there.
  const isTaken = requests.value.some(({ format, file }) => format !== 'terminal' && file === null);
  const terminal = createTerminalReport(isTaken ? process.stderr : process.stdout, process.env, program.cwd);
  const signals = watchSignals(terminal.leave);
  const outcome = await runPlan(plan.value, {
    version: program.version,
    reaper: program.reaper,
    inherited: process.env,
    control: signals.control,
    sinks: [terminal.sink, ...reports.value.map(({ sink }) => sink)],
  });
  terminal.close();
  // A report that cannot be written does not lose the verdict.
  for (const report of reports.value) {
    const failure = await report.finish();
    if (failure !== undefined) process.stderr.write(`shakedown: ${failure}\n`);
  }
  signals.release();
  const signal = signals.received();
  return signal === undefined ? { exitCode: outcome.exitCode } : { exitCode: outcome.exitCode, signal };
}
