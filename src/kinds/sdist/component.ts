import type { PythonSpec } from '../../consumer/python/spec.ts';
import type { PythonTools } from '../../consumer/python/tools.ts';
import type { ComponentBase } from '../../core/suite.ts';

/** Builds a Python package from its sdist, and compares that with its wheel; created by `shakedown package`. */
export interface SdistComponent extends ComponentBase {
  readonly kind: 'sdist';
  readonly package: {
    readonly name: string;
    readonly version: string;
    /** Absolute path of the wheel. */
    readonly wheel: string;
  };
  /** Where the sdist comes from: the index, a file, or the folder that it is made of. */
  readonly from: PythonSpec;
  readonly tools: PythonTools;
}
