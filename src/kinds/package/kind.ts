import type { CommonOptions } from '../common/options.ts';
import { defineKind } from '../kind.ts';
import type { PackageComponent } from './component.ts';
import { PACKAGE_FINDINGS } from './findings.ts';

/** A package of a list, which is tried as by itself. */
export const listed = defineKind<PackageComponent, CommonOptions, typeof PACKAGE_FINDINGS>({
  name: 'package',
  words: null,
  steps: ({ name }) => [`install ${name} in an empty folder, and try all that applies to it`],
  findings: PACKAGE_FINDINGS,
  explanations: async () => (await import('./explanations.ts')).PACKAGE_CHAPTER,
  measurement: 'package-tried',
  run: async () => (await import('./run.ts')).runPackage,
});
