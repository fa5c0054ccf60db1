import type { EntriesComponent } from '../../core/suite.ts';
import { defineKind } from '../kind.ts';

/** Every entry point of an installed package. */
export const entries = defineKind<EntriesComponent>({
  name: 'entries',
  words: null,
  steps: ({ loads }) => loads.map(({ form, specifier }) => `${form} ${specifier}`),
  programs: ['main'],
  run: async () => (await import('./run.ts')).runEntries,
});
