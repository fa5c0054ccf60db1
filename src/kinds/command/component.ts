import type { Command, ComponentBase, Expectation } from '../../core/suite.ts';

export interface CommandComponent extends ComponentBase {
  readonly kind: 'command';
  readonly command: Command;
  readonly expect: Expectation;
}
