import { defineKind } from '../kind.ts';
import type { EntriesComponent } from './component.ts';

/** Every entry point of an installed package. */
export const entries = defineKind<EntriesComponent>({
  name: 'entries',
  words: null,
  fromPackage: async () => (await import('./from-package.ts')).entriesOf,
  steps: ({ loads }) => loads.map(({ form, specifier }) => `${form} ${specifier}`),
  programs: ['main'],
  run: async () => (await import('./run.ts')).runEntries,
});
