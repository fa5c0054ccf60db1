import type { ComponentBase } from '../../core/suite.ts';

/** A whole package of a list, which is tried as by itself; created by `shakedown package --list`. */
export interface PackageComponent extends ComponentBase {
  readonly kind: 'package';
  /** What tries it, up to where its result is to be written. */
  readonly command: readonly [string, ...string[]];
}
