import { defineKind } from '../kind.ts';
import type { BinComponent } from './component.ts';

/** A program of an installed package. */
export const bin = defineKind<BinComponent>({
  name: 'bin',
  words: null,
  fromPackage: async () => (await import('./from-package.ts')).binsOf,
  steps: (component) => [`run ${component.bin} --help`, `run ${component.bin} --version`],
  findings: {},
  run: async () => (await import('./run.ts')).runBin,
});
