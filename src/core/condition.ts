/** A condition on the result of a load, as plain data. */

export type ThresholdOperator = '<' | '<=' | '==' | '!=' | '>=' | '>';

/** The base unit of a threshold's value, and of the measurement that it is compared with. */
export type ThresholdUnit = 'us' | 'bytes' | 'share' | 'per-second' | 'count';

/** A condition on a result, as `p99 < 50ms`. */
export interface Threshold {
  /** As the user wrote it. */
  readonly text: string;
  /** `p99`, `service.p50`, `errors`, `rate`, `target.rss.growth`, … */
  readonly metric: string;
  /** Whose: `create` in `p99{create} < 80ms`; null: all requests'. */
  readonly name: string | null;
  readonly operator: ThresholdOperator;
  /** In `unit`: `50ms` is 50000 us, `0.1%` is a share of 0.001. */
  readonly value: number;
  readonly unit: ThresholdUnit;
}
