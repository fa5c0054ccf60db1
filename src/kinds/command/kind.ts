import { showCommand } from '../../core/suite.ts';
import { defineKind } from '../kind.ts';
import type { CommandComponent } from './component.ts';
import type { CommandOptions } from './options.ts';

export const command = defineKind<CommandComponent, CommandOptions>({
  name: 'command',
  words: async () => ({
    schema: (await import('./options.ts')).CommandSchema,
    build: (await import('./build.ts')).buildCommand,
  }),
  byConvention: async () => (await import('./convention.ts')).commandOf,
  steps: ({ command, watched }) => [
    `run ${showCommand(command)}`,
    ...(watched === null ? [] : ['look for errors that it never retrieves']),
  ],
  findings: {},
  sabotage: async () => (await import('./sabotage.ts')).sabotage,
  run: async () => (await import('./run.ts')).runCommand,
});
