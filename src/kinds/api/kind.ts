import type { CommonOptions } from '../common/options.ts';
import { defineKind } from '../kind.ts';
import type { ApiComponent } from './component.ts';
import { API_FINDINGS } from './findings.ts';

/** Compares an installed package with its last release. */
export const api = defineKind<ApiComponent, CommonOptions, typeof API_FINDINGS>({
  name: 'api',
  words: null,
  fromPackage: async () => (await import('./from-package.ts')).apiOf,
  steps: ({ package: { name } }) => [`compare ${name} with its last release`],
  findings: API_FINDINGS,
  harm: async () => (await import('./harm.ts')).harmOfApi,
  explanations: async () => (await import('./explanations.ts')).API_CHAPTER,
  programs: ['main'],
  run: async () => (await import('./run.ts')).runApi,
});
