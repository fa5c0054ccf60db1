import { type Diagnostic, showDiagnostic } from '../domain/diagnostic.ts';
import { EXIT_USAGE } from '../domain/verdict.ts';

/** What a command comes to; only `main` turns it into the end of the process. */
export interface Outcome {
  readonly exitCode: number;
  /** The signal that interrupted, to be raised again. */
  readonly signal?: NodeJS.Signals;
}

export const SUCCESS: Outcome = { exitCode: 0 };

/** Prints what is wrong with what the user wrote. */
export function refuse(diagnostics: readonly Diagnostic[]): Outcome {
  for (const diagnostic of diagnostics) process.stderr.write(`shakedown: ${showDiagnostic(diagnostic)}\n`);
  return { exitCode: EXIT_USAGE };
}
