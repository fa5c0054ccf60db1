import type { ComponentBase, Expectation } from '../../core/suite.ts';
import type { Ms } from '../../core/units.ts';

/** How long a start may take, relative to the bare interpreter. */
export interface RatioBudget {
  /** As it was written: `< 1.5x`. */
  readonly text: string;
  readonly ratio: number;
}

export interface InitComponent extends ComponentBase {
  readonly kind: 'init';
  readonly language: 'node' | 'python';
  /** As an import in `cwd` writes it: a file there begins with `./` or `../`. */
  readonly module: string;
  /** The function that uses it for the first time: `FUNCTION` of the module, or `FILE:FUNCTION`; null: it is only loaded. */
  readonly use: string | null;
  /** How many fresh processes load it at once. */
  readonly processes: number;
  /** After how long a process counts as hanging. */
  readonly hangAfter: Ms;
  readonly coldStart: RatioBudget | null;
  /** What must not be loaded with it. */
  readonly denyModules: readonly string[];
  /** Exports of which `import()` and `require()` must give the same instance. */
  readonly singletons: readonly string[];
  readonly expect: Expectation;
}
