import type { RunEvent } from '../../core/event.ts';
import type { Finding } from '../../core/finding.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { CommandContext } from '../../process/run-owned.ts';

/** What the engine gives to one attempt at a component. */
export interface ComponentContext extends CommandContext {
  /** What chance is drawn from in this attempt. */
  readonly seed: number;
  /** The command that runs this component again with the same seed, as a person would type it. */
  readonly reproduce: string;
  /** Texts in the command lines of helpers that may be left behind. */
  readonly leave: readonly string[];
  /** What these findings come to, whoever declares them. */
  readonly verdictOf: (findings: readonly Finding[]) => Verdict;
  readonly emit: (event: RunEvent) => void;
}
