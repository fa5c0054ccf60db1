import type { RunEvent } from '../../core/event.ts';
import type { Finding } from '../../core/finding.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { CommandContext } from '../../process/run-owned.ts';

/** What the engine gives to one attempt at a component. */
export interface ComponentContext extends CommandContext {
  /** The seed for everything random in this attempt. */
  readonly seed: number;
  /** The command line that runs this component again with the same seed. */
  readonly reproduce: string;
  /** Substrings of the command lines of helpers that may be left running. */
  readonly leave: readonly string[];
  /** The verdict for findings of any kind. */
  readonly verdictOf: (findings: readonly Finding[]) => Verdict;
  readonly emit: (event: RunEvent) => void;
}
