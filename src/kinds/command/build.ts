import type { ComponentBase } from '../../core/suite.ts';
import { toCommand } from '../common/build.ts';
import type { Scope } from '../common/scope.ts';
import type { CommandComponent } from './component.ts';
import type { CommandOptions } from './options.ts';

export const buildCommand = (
  options: CommandOptions,
  base: ComponentBase,
  scope: Scope,
): CommandComponent => ({
  ...base,
  kind: 'command',
  command: toCommand(options.run),
  expect: scope.expectation(options.expect),
  ...(options.results === undefined ? {} : { results: options.results }),
  watched: options.lostErrors ?? null,
});
