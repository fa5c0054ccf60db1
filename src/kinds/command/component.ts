import type { Command, ComponentBase, Expectation } from '../../core/suite.ts';
import type { Runtime } from '../common/unheard.ts';

export interface CommandComponent extends ComponentBase {
  readonly kind: 'command';
  readonly command: Command;
  readonly expect: Expectation;
  /** Where it writes the results of its tests, from its folder: a path or a pattern. */
  readonly results?: string;
  /** Fails it for errors that it never retrieves; null: only its exit and its output count. */
  readonly watched: Runtime | null;
}
