import type { ComponentBase } from '../../core/suite.ts';

/** Compares an installed package with its last release; created by `shakedown package`. */
export interface ApiComponent extends ComponentBase {
  readonly kind: 'api';
  readonly package: {
    readonly name: string;
    readonly version: string;
    /** Absolute path of the consumer's folder. */
    readonly consumer: string;
  };
}
