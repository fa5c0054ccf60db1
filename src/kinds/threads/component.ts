import type { Command, ComponentBase } from '../../core/suite.ts';
import type { Ms } from '../../core/units.ts';
import type { Inputs } from './protocol.ts';

/** A module that is loaded and called by several threads. */
export interface ModuleTrial {
  readonly type: 'module';
  /** An absolute path, or the name of a package. */
  readonly module: string;
  readonly workers: number;
  /** Calls that each worker makes in all; null: the module is only loaded, unless functions are named. */
  readonly iterations: number | null;
  readonly exports: readonly string[] | null;
  readonly inputs: Inputs | null;
  /** An absolute path, or the name of a package. */
  readonly oracle: string | null;
  /**
   * `pairs`: each two of the orders of loading, ways to end and states are tried together, but not each with all others.
   * `calls`: only what calls give, each of which is made at least once. Neither the order of loading nor the ways to end
   * nor memory are looked at, and a failure is not made smaller.
   */
  readonly extent: 'whole' | 'pairs' | 'calls';
}

/** What several threads, or several copies of a program, do at the same moment. */
export type ThreadsTrial =
  | ModuleTrial
  | {
      readonly type: 'python';
      readonly target:
        | { readonly type: 'function'; readonly name: string }
        | { readonly type: 'script'; readonly path: string };
      readonly workers: number;
      readonly rounds: number;
      /** `module:function` that makes the object passed to the function; null: none is passed. */
      readonly inputs: string | null;
    }
  | {
      readonly type: 'program';
      readonly command: Command;
      readonly copies: number;
      readonly compare: 'bytes' | 'json';
    };

export interface ThreadsComponent extends ComponentBase {
  readonly kind: 'threads';
  readonly trial: ThreadsTrial;
  /** How long all threads may go without progress before they count as stuck. */
  readonly stall: Ms;
}
