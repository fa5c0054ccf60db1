import { defineKind } from '../kind.ts';
import type { InitComponent } from './component.ts';
import { INIT_FINDINGS } from './findings.ts';
import type { InitOptions } from './options.ts';

export const init = defineKind<InitComponent, InitOptions, typeof INIT_FINDINGS>({
  name: 'init',
  words: async () => ({
    schema: (await import('./options.ts')).InitSchema,
    build: (await import('./build.ts')).buildInit,
  }),
  fromPackage: async () => (await import('./from-package.ts')).initOf,
  fromDistribution: async () => (await import('./from-distribution.ts')).pythonInitOf,
  steps: ({ module, processes, language }) => [
    `load ${module} in ${processes} processes at once`,
    language === 'python'
      ? 'load it in processes that fork, and in subinterpreters'
      : 'load it by import and require, in workers, and in a context of node:vm',
    'compare its start with that of the bare interpreter, and list what it loads',
  ],
  findings: INIT_FINDINGS,
  harm: async () => (await import('./harm.ts')).harmOfInit,
  explanations: async () => (await import('./explanations.ts')).INIT_CHAPTER,
  measurement: 'start-profile',
  programs: ['main', 'modules', 'pairs'],
  sabotage: async () => (await import('./sabotage.ts')).sabotage,
  run: async () => (await import('./run.ts')).runInit,
});
