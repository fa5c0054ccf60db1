import { formatDuration } from '../../core/units.ts';
import { defineKind } from '../kind.ts';
import type { TypesComponent } from './component.ts';
import { TYPES_FINDINGS } from './findings.ts';
import type { TypesOptions } from './options.ts';

export const types = defineKind<TypesComponent, TypesOptions, typeof TYPES_FINDINGS>({
  name: 'types',
  words: async () => ({
    schema: (await import('./options.ts')).TypesSchema,
    build: (await import('./build.ts')).buildTypes,
  }),
  byConvention: async () => (await import('./convention.ts')).sampleOf,
  fromPackage: async () => (await import('./from-package.ts')).typesOf,
  steps: (component) => [
    ...(component.sample === null ? [] : [`run ${component.sample}`]),
    component.package === null
      ? `type-check it with ${component.language === 'python' ? 'mypy' : 'tsc'}`
      : 'compare what the package exports with what it declares, and type-check it with several versions of tsc',
  ],
  detail: (steps) => steps.map(({ name, durationMs }) => `${name} ${formatDuration(durationMs)}`),
  findings: TYPES_FINDINGS,
  harm: async () => (await import('./harm.ts')).harmOfTypes,
  explanations: async () => (await import('./explanations.ts')).TYPES_CHAPTER,
  programs: ['real', 'declared', 'faults'],
  sabotage: async () => (await import('./sabotage.ts')).sabotage,
  run: async () => (await import('./run.ts')).runTypes,
});
