import type { Requirement } from '../../consumer/python/metadata.ts';
import type { ComponentBase } from '../../core/suite.ts';

/** Asks a program of an installed package for its help and version; created by `shakedown package`. */
export interface BinComponent extends ComponentBase {
  readonly kind: 'bin';
  readonly language: 'node' | 'python';
  /** What a person types. */
  readonly bin: string;
  /** Absolute path where it was installed. */
  readonly program: string;
  /** Its file, as the manifest names it; in Python the function that it calls. */
  readonly file: string;
  /** That file, or the folder of it that is missing as a whole. */
  readonly absent: string;
  /** What its package needs, if it is one for Python. */
  readonly requirements: readonly Requirement[];
}
