import type { BinComponent } from '../../core/suite.ts';
import { defineKind } from '../kind.ts';

/** A program of an installed package. */
export const bin = defineKind<BinComponent>({
  name: 'bin',
  words: null,
  steps: (component) => [`run ${component.bin} --help`, `run ${component.bin} --version`],
  run: async () => (await import('./run.ts')).runBin,
});
