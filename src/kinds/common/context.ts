import type { Address } from '../../core/address.ts';
import type { RunEvent } from '../../core/event.ts';
import type { Finding } from '../../core/finding.ts';
import type { Suite } from '../../core/suite.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { CommandContext } from '../../process/run-owned.ts';

/** A service of the suite that is ready. */
export interface SharedServiceInUse {
  readonly address: Address;
  /** Null if this run has not started it. */
  readonly pid: number | null;
  /**
   * Kills it in the middle of its work: everybody who uses it notices.
   *
   * @param because who asked for it, for the finding
   */
  readonly kill: (because: string) => void;
}

/** By name. */
export type SharedServices = ReadonlyMap<string, SharedServiceInUse>;

/** What the engine gives to one attempt at a component. */
export interface ComponentContext extends CommandContext {
  /** The seed for everything random in this attempt. */
  readonly seed: number;
  /** The command line that runs this component again with the same seed. */
  readonly reproduce: string;
  /** The folder of the suite, which paths in reports are relative to. */
  readonly root: string;
  /** Which attempt it is, from 1. */
  readonly attempt: number;
  /** The services of the suite that it may use. Their addresses are in the environment too. */
  readonly services: SharedServices;
  /** What the suite comes from. */
  readonly source: Suite['source']['type'];
  /** Substrings of the command lines of helpers that may be left running; null where nobody could allow any. */
  readonly leave: readonly string[] | null;
  /** The verdict for findings of any kind. */
  readonly verdictOf: (findings: readonly Finding[]) => Verdict;
  readonly emit: (event: RunEvent) => void;
}
