import type { ComponentBase } from '../../core/suite.ts';

/** Looks into the wheel of a Python package; created by `shakedown package`. */
export interface WheelComponent extends ComponentBase {
  readonly kind: 'wheel';
  readonly package: {
    readonly name: string;
    /** Absolute path of the wheel. */
    readonly wheel: string;
    /** `cp311-abi3-manylinux_2_17_x86_64` */
    readonly tag: string;
    /** The range of Python versions that it allows, as written; empty: any. */
    readonly requiresPython: string;
    /** Absolute path of the `site-packages` that it is in. */
    readonly site: string;
    /** What it has installed, relative to `site`. */
    readonly files: readonly string[];
    /** As its metadata names them. */
    readonly licenseFiles: readonly string[];
  };
}
