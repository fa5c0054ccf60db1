import { join } from 'node:path';
import { EXPECT_SUCCESS } from '../../core/suite.ts';
import type { BuildByConvention } from '../kind.ts';
import type { SampleTypesComponent } from './component.ts';

/** A usage sample; its extension tells the language. */
export const sampleOf: BuildByConvention = ({ file, dir }, base): SampleTypesComponent => ({
  ...base,
  kind: 'types',
  package: null,
  module: null,
  completeness: null,
  negative: [],
  sample: join(dir, file),
  language: file.endsWith('.py') ? 'python' : 'typescript',
  expect: EXPECT_SUCCESS,
  overlay: null,
});
