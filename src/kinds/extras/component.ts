import type { PythonTools } from '../../consumer/python/tools.ts';
import type { ComponentBase } from '../../core/suite.ts';

/** Asks whether the extras of a Python package can be installed; created by `shakedown package`. */
export interface ExtrasComponent extends ComponentBase {
  readonly kind: 'extras';
  readonly package: {
    readonly name: string;
    /** Absolute path of the wheel. */
    readonly wheel: string;
    /** The Python of its environment. */
    readonly python: string;
    readonly pythonVersion: string;
  };
  readonly tools: PythonTools;
  readonly extras: readonly string[];
}
