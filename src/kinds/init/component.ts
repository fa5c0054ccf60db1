import type { ComponentBase, Expectation } from '../../core/suite.ts';
import type { Ms } from '../../core/units.ts';

/** The limit of the start time, relative to the bare interpreter. */
export interface RatioBudget {
  /** As written: `< 1.5x`. */
  readonly text: string;
  readonly ratio: number;
}

/** What is tried once the module has been loaded in several processes at once; `times`: how long a start takes. */
export type InitPart = (typeof ALL_PARTS)[number] | 'modes';
export const ALL_PARTS = ['scenarios', 'modules', 'times'] as const;

export interface InitComponent extends ComponentBase {
  readonly kind: 'init';
  readonly language: 'node' | 'python';
  /** As an import in `cwd` writes it: a file begins with `./` or `../`. */
  readonly module: string;
  /** The function that uses it first: `FUNCTION` of the module, or `FILE:FUNCTION`; null: it is only loaded. */
  readonly use: string | null;
  /** How many fresh processes load it at once. */
  readonly processes: number;
  /** When a process counts as hanging. */
  readonly hangAfter: Ms;
  readonly coldStart: RatioBudget | null;
  /** How many modules it may load at most. */
  readonly mostModules?: number;
  /** Modules that must not be loaded with it. */
  readonly denyModules: readonly string[];
  /** Exports of which `import()` and `require()` must give the same instance. */
  readonly singletons: readonly string[];
  readonly expect: Expectation;
  /** All of them; in a proof, those that can tell. `times` come with `modules`; `modes` are for a package for Python. */
  readonly parts: readonly InitPart[];
}
