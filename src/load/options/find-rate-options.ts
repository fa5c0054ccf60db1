/** The words of a search for a rate. */
import * as v from 'valibot';
import { oneOrMore, optionsOf } from '../../kinds/common/schema.ts';
import { MOST } from './words.ts';

/** A search for the highest rate that holds. */
export interface LoadFindRateOptions {
  /** The conditions, written as in `thresholds`, such as `p99 < 50ms`: all must hold. Unless one of them is about failures, no request may fail. */
  readonly while: string | readonly string[];
  /** The lowest rate to try, in requests per second. Default: 1, beginning with 100. */
  readonly from?: number;
  /** The highest rate to try. Default: 100000. */
  readonly to?: number;
}

const RATE = `must be a rate a second above 0, at most ${MOST}`;
const rate = v.pipe(v.number(RATE), v.gtValue(0, RATE), v.maxValue(MOST, RATE));
const ConditionSchema = v.string('must be a condition such as "p99 < 50ms"');
/** @internal */
export const LoadFindRateSchema = optionsOf<LoadFindRateOptions>('LoadFindRateOptions', {
  while: oneOrMore(ConditionSchema, 'must be a condition such as "p99 < 50ms", or a list of them'),
  from: v.optional(rate),
  to: v.optional(rate),
});
