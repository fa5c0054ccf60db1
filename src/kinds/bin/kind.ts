import type { CommonOptions } from '../common/options.ts';
import { defineKind } from '../kind.ts';
import type { BinComponent } from './component.ts';
import { BIN_FINDINGS } from './findings.ts';

/** A program of an installed package. */
export const bin = defineKind<BinComponent, CommonOptions, typeof BIN_FINDINGS>({
  name: 'bin',
  words: null,
  fromPackage: async () => (await import('./from-package.ts')).binsOf,
  fromDistribution: async () => (await import('./from-distribution.ts')).pythonBinsOf,
  steps: (component) => [`run ${component.bin} --help`, `run ${component.bin} --version`],
  findings: BIN_FINDINGS,
  explanations: async () => (await import('./explanations.ts')).BIN_CHAPTER,
  run: async () => (await import('./run.ts')).runBin,
});
