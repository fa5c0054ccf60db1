import { showCommand } from '../../core/suite.ts';
import { defineKind } from '../kind.ts';
import type { ThreadsComponent } from './component.ts';
import { THREADS_FINDINGS } from './findings.ts';
import type { ThreadsOptions } from './options.ts';

function stepOf({ trial }: ThreadsComponent): string {
  switch (trial.type) {
    case 'module':
      return `load ${trial.module} in ${trial.workers} workers, in every order, and end them in every way`;
    case 'python': {
      const { target } = trial;
      const what = target.type === 'function' ? target.name : target.path;
      return `run ${what} from ${trial.workers} threads of Python`;
    }
    case 'program':
      return `run ${trial.copies} copies of ${showCommand(trial.command)} at once`;
  }
}

export const threads = defineKind<ThreadsComponent, ThreadsOptions, typeof THREADS_FINDINGS>({
  name: 'threads',
  words: async () => ({
    schema: (await import('./options.ts')).ThreadsSchema,
    build: (await import('./build.ts')).buildThreads,
  }),
  fromPackage: async () => (await import('./from-package.ts')).threadsOf,
  steps: (component) => [stepOf(component)],
  findings: THREADS_FINDINGS,
  explanations: async () => (await import('./explanations.ts')).THREADS_CHAPTER,
  programs: ['main', 'worker'],
  sabotage: async () => (await import('./sabotage.ts')).sabotage,
  run: async () => (await import('./run.ts')).runThreads,
});
