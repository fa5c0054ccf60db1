import type { ComponentBase } from '../../core/suite.ts';

/** Asks a program of an installed package for its help and its version; made by `shakedown package`. */
export interface BinComponent extends ComponentBase {
  readonly kind: 'bin';
  /** What a person types. */
  readonly bin: string;
  /** Absolute path at which npm has put it. */
  readonly program: string;
  /** As the manifest names its file. */
  readonly file: string;
}
