import type { CommonOptions } from '../common/options.ts';
import { defineKind } from '../kind.ts';
import type { ExtrasComponent } from './component.ts';
import { EXTRAS_FINDINGS } from './findings.ts';

/** Asks whether the extras of a Python package can be installed. */
export const extras = defineKind<ExtrasComponent, CommonOptions, typeof EXTRAS_FINDINGS>({
  name: 'extras',
  words: null,
  fromDistribution: async () => (await import('./from-distribution.ts')).extrasOf,
  steps: (component) =>
    component.extras.map((extra) => `find what ${component.package.name}[${extra}] needs`),
  findings: EXTRAS_FINDINGS,
  harm: async () => (await import('./harm.ts')).harmOfExtras,
  explanations: async () => (await import('./explanations.ts')).EXTRAS_CHAPTER,
  run: async () => (await import('./run.ts')).runExtras,
});
