import type { CommonOptions } from '../common/options.ts';
import { defineKind } from '../kind.ts';
import type { SdistComponent } from './component.ts';
import { SDIST_FINDINGS } from './findings.ts';

/** Builds a Python package from its sdist, and compares that with its wheel. */
export const sdist = defineKind<SdistComponent, CommonOptions, typeof SDIST_FINDINGS>({
  name: 'sdist',
  words: null,
  fromDistribution: async () => (await import('./from-distribution.ts')).sdistOf,
  steps: ({ package: { name } }) => [`build ${name} from its sdist, and compare that with its wheel`],
  findings: SDIST_FINDINGS,
  harm: async () => (await import('./harm.ts')).harmOfSdist,
  explanations: async () => (await import('./explanations.ts')).SDIST_CHAPTER,
  run: async () => (await import('./run.ts')).runSdist,
});
