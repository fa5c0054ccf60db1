import { showCommand } from '../../core/suite.ts';
import { defineKind } from '../kind.ts';
import type { CommandComponent } from './component.ts';
import type { CommandOptions } from './options.ts';

/** A command that passes or fails. */
export const command = defineKind<CommandComponent, CommandOptions>({
  name: 'command',
  words: async () => ({
    schema: (await import('./options.ts')).CommandSchema,
    build: (await import('./build.ts')).buildCommand,
  }),
  byConvention: async () => (await import('./convention.ts')).commandOf,
  steps: (component) => [`run ${showCommand(component.command)}`],
  run: async () => (await import('./run.ts')).runCommand,
});
