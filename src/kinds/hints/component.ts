import type { Stub } from '../../consumer/python/stubs.ts';
import type { PythonTools } from '../../consumer/python/tools.ts';
import type { ComponentBase, Environment } from '../../core/suite.ts';

/** Checks the declarations of a Python package; created by `shakedown package`. */
export interface HintsComponent extends ComponentBase {
  readonly kind: 'hints';
  readonly package: {
    readonly name: string;
    /** Absolute path of the folder with its environment. */
    readonly consumer: string;
    /** Absolute path of the `site-packages` that it is in. */
    readonly site: string;
    /** The Python of its environment. */
    readonly python: string;
    /** First parts of the names of its modules. */
    readonly roots: readonly string[];
    /** The distribution that it describes, if it has nothing but stubs. */
    readonly describes: { readonly name: string; readonly isInstalled: boolean } | null;
  };
  /** With which mypy is installed. */
  readonly tools: PythonTools;
  /** Says to pip and uv where packages come from. */
  readonly indexes: Environment;
  /** Names of modules that people import. */
  readonly modules: readonly string[];
  readonly stubs: readonly Stub[];
}
