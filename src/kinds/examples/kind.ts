import { formatDuration } from '../../core/units.ts';
import type { CommonOptions } from '../common/options.ts';
import { defineKind } from '../kind.ts';
import type { ExamplesComponent } from './component.ts';
import { EXAMPLES_FINDINGS } from './findings.ts';

/** Has threads run the examples that a Python package has in its docstrings. */
export const examples = defineKind<ExamplesComponent, CommonOptions, typeof EXAMPLES_FINDINGS>({
  name: 'examples',
  words: null,
  fromDistribution: async () => (await import('./from-distribution.ts')).examplesOf,
  steps: ({ package: { name }, threads }) => [
    `run each example in the docstrings of ${name} alone`,
    `run those that repeat from ${threads} threads at once`,
  ],
  detail: (steps) => steps.map(({ name, durationMs }) => `${name} ${formatDuration(durationMs)}`),
  findings: EXAMPLES_FINDINGS,
  harm: async () => (await import('./harm.ts')).harmOfExamples,
  explanations: async () => (await import('./explanations.ts')).EXAMPLES_CHAPTER,
  run: async () => (await import('./run.ts')).runExamples,
});
