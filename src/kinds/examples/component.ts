import type { ComponentBase } from '../../core/suite.ts';
import type { Ms } from '../../core/units.ts';

/** Runs the examples in the docstrings of a Python package from several threads; created by `shakedown package`. */
export interface ExamplesComponent extends ComponentBase {
  readonly kind: 'examples';
  readonly package: {
    readonly name: string;
    /** The Python of its environment. */
    readonly python: string;
    /** Absolute path of the `site-packages` that it is in. */
    readonly site: string;
  };
  /** Modules with something that looks like an example. */
  readonly modules: readonly string[];
  readonly threads: number;
  /** How long a process may do nothing before it counts as stuck. */
  readonly stall: Ms;
}
