/** A run that cannot begin, since what the user wrote is wrong: told on the terminal, and in every report that was asked for. */
import type { Diagnostic } from '../core/diagnostic.ts';
import { EXIT_USAGE } from '../core/verdict.ts';
import type { OwnershipFlags, Program } from './flags.ts';
import { type Outcome, refuse } from './outcome.ts';
import { type OpenReport, openReports, type ReportRequest } from './reports.ts';

/** @param requests for reports, which are written with nothing but the mistakes in them */
export async function refuseRun(
  diagnostics: readonly Diagnostic[],
  requests: readonly ReportRequest[],
  program: Program,
): Promise<Outcome> {
  const reports = await openReports(requests);
  // That a report cannot be written is one mistake more.
  if (!reports.ok) return refuse([...diagnostics, ...reports.error]);
  return reportRefusal(diagnostics, reports.value, program);
}

/** The same with reports that have been opened. */
export async function reportRefusal(
  diagnostics: readonly Diagnostic[],
  reports: readonly OpenReport[],
  { version, cwd }: Program,
): Promise<Outcome> {
  const outcome = refuse(diagnostics);
  for (const report of reports) {
    report.sink({
      ...{ seq: 0, elapsedMs: 0, type: 'run-refused', version, root: cwd },
      startedAt: new Date().toISOString(),
      diagnostics: diagnostics.map(bare),
      exitCode: EXIT_USAGE,
    });
    await report.finish();
  }
  return outcome;
}

/** Whoever tells a mistake may know more of it, which is no part of the report. */
const bare = ({ message, hint, location }: Diagnostic): Diagnostic => ({
  message,
  ...(hint === undefined ? {} : { hint }),
  ...(location === undefined ? {} : { location }),
});

/** Why no process of a run could be owned as was asked for. */
export const tierDiagnostic = ({ ownership }: OwnershipFlags, reason: string): Diagnostic => ({
  message: `ownership by ${ownership} is not available on this machine: ${reason}`,
  hint: 'shakedown doctor shows what is; without --ownership the strongest is used',
});
