/** Refuses a run because of the user's mistakes: on the terminal, and in every requested report. */
import type { Diagnostic } from '../core/diagnostic.ts';
import { EXIT_USAGE } from '../core/verdict.ts';
import type { OwnershipFlags, Program } from './flags.ts';
import type { OpenReport } from './open-report.ts';
import { type Outcome, refuse } from './outcome.ts';
import { openReports, type ReportRequest } from './reports.ts';

/** @param requests for reports, which then contain only the mistakes */
export async function refuseRun(
  diagnostics: readonly Diagnostic[],
  requests: readonly ReportRequest[],
  program: Program,
): Promise<Outcome> {
  const reports = await openReports(requests);
  // A report that cannot be written is one more mistake.
  if (!reports.ok) return refuse([...diagnostics, ...reports.error]);
  return reportRefusal(diagnostics, reports.value, program);
}

/** The same, for reports that have been opened. */
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

/** Without any further properties, which do not belong in the report. */
const bare = ({ message, hint, location }: Diagnostic): Diagnostic => ({
  message,
  ...(hint === undefined ? {} : { hint }),
  ...(location === undefined ? {} : { location }),
});

/** Why processes cannot be owned as requested. */
export const tierDiagnostic = ({ ownership }: OwnershipFlags, reason: string): Diagnostic => ({
  message: `ownership by ${ownership} is not available on this machine: ${reason}`,
  hint: 'shakedown doctor shows what is; without --ownership the strongest is used',
});
