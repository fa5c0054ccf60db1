import type { CommonOptions } from '../common/options.ts';
import { defineKind } from '../kind.ts';
import type { WheelComponent } from './component.ts';
import { WHEEL_FINDINGS } from './findings.ts';

/** Looks into the wheel of a Python package. */
export const wheel = defineKind<WheelComponent, CommonOptions, typeof WHEEL_FINDINGS>({
  name: 'wheel',
  words: null,
  fromDistribution: async () => (await import('./from-distribution.ts')).wheelOf,
  steps: ({ package: { name } }) => [`look into the wheel of ${name}`],
  findings: WHEEL_FINDINGS,
  harm: async () => (await import('./harm.ts')).harmOfWheel,
  explanations: async () => (await import('./explanations.ts')).WHEEL_CHAPTER,
  measurement: 'wheel-profile',
  run: async () => (await import('./run.ts')).runWheel,
});
