import type { CommonOptions } from '../common/options.ts';
import { defineKind } from '../kind.ts';
import type { EntriesComponent } from './component.ts';
import { ENTRIES_FINDINGS } from './findings.ts';

/** Loads every entry point of an installed package. */
export const entries = defineKind<EntriesComponent, CommonOptions, typeof ENTRIES_FINDINGS>({
  name: 'entries',
  words: null,
  fromPackage: async () => (await import('./from-package.ts')).entriesOf,
  fromDistribution: async () => (await import('./from-distribution.ts')).pythonEntriesOf,
  steps: (component) =>
    component.language === 'node'
      ? component.loads.map(({ form, specifier }) => `${form} ${specifier}`)
      : component.modules.map(({ name }) => `import ${name}`),
  findings: ENTRIES_FINDINGS,
  harm: async () => (await import('./harm.ts')).harmOfEntry,
  explanations: async () => (await import('./explanations.ts')).ENTRIES_CHAPTER,
  programs: ['main'],
  run: async () => (await import('./either.ts')).runEntries,
});
