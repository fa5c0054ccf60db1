import type { ComponentBase } from '../../core/suite.ts';

/** Asks a program of an installed package for its help and version; created by `shakedown package`. */
export interface BinComponent extends ComponentBase {
  readonly kind: 'bin';
  /** What a person types. */
  readonly bin: string;
  /** Absolute path where npm put it. */
  readonly program: string;
  /** Its file, as the manifest names it. */
  readonly file: string;
}
