import { formatDuration } from '../../core/units.ts';
import type { CommonOptions } from '../common/options.ts';
import { defineKind } from '../kind.ts';
import type { HintsComponent } from './component.ts';
import { HINTS_FINDINGS } from './findings.ts';

/** Checks the declarations of a Python package: its type hints and its stubs. */
export const hints = defineKind<HintsComponent, CommonOptions, typeof HINTS_FINDINGS>({
  name: 'hints',
  words: null,
  fromDistribution: async () => (await import('./from-distribution.ts')).hintsOf,
  steps: ({ package: { name }, stubs }) => [
    `check imports of ${name} with mypy and pyright`,
    ...(stubs.length === 0 ? [] : [`compare its stubs with ${name} by stubtest`]),
  ],
  detail: (steps) => steps.map(({ name, durationMs }) => `${name} ${formatDuration(durationMs)}`),
  findings: HINTS_FINDINGS,
  harm: async () => (await import('./harm.ts')).harmOfHints,
  explanations: async () => (await import('./explanations.ts')).HINTS_CHAPTER,
  run: async () => (await import('./run.ts')).runHints,
});
