import { type Diagnostic, showDiagnostic } from '../core/diagnostic.ts';
import { visibleAll } from '../core/harmless.ts';
import { EXIT_USAGE } from '../core/verdict.ts';
import { say } from './say.ts';

/** The result of a command; only `main` turns it into the end of the process. */
export interface Outcome {
  readonly exitCode: number;
  /** The signal that interrupted, to be raised again. */
  readonly signal?: NodeJS.Signals;
}

export const SUCCESS: Outcome = { exitCode: 0 };

/** Prints the user's mistakes. */
export function refuse(diagnostics: readonly Diagnostic[]): Outcome {
  for (const diagnostic of visibleAll(diagnostics))
    say(`shakedown: ${showDiagnostic(diagnostic)}`, process.stderr);
  return { exitCode: EXIT_USAGE };
}
