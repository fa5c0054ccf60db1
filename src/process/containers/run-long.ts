/** What an engine may take long for: its output goes into the log, and its last line is shown. */
import type { Finding } from '../../core/finding.ts';
import { err, type Result } from '../../core/result.ts';
import type { Command, Environment } from '../../core/suite.ts';
import type { Ms } from '../../core/units.ts';
import type { OutputScanner } from '../output/scanner.ts';
import { type CommandContext, runOwned } from '../run-owned.ts';
import type { Exit } from '../system/exit.ts';

export interface Long {
  /** The service that it is for. */
  readonly step: string;
  /** What is done. */
  readonly part: string;
  readonly command: Command;
  readonly env: Environment;
  readonly timeout: Ms;
}

/** A builder or a download that is stopped leaves nothing that would have to be tidied up. */
const GRACE = 1000 as Ms;

/** @returns how it ended, undefined if it took too long or was cut short; or why it could not be started */
export async function runLong(
  { step, part, command, env, timeout }: Long,
  context: CommandContext,
): Promise<Result<{ readonly exit: Exit | undefined; readonly scanner: OutputScanner }, Finding>> {
  const until = AbortSignal.any([context.signal, context.clock.timeout(timeout)]);
  const run = await runOwned(
    { step: `${step} ${part}`, owner: `${context.id}/${part}`, cwd: '/', env, command },
    { until, grace: GRACE, graceAfterExit: 0 as Ms },
    context,
  );
  if (run.ok) return run;
  return err({ code: 'cannot-start', step, message: run.error.message, hint: run.error.hint });
}
