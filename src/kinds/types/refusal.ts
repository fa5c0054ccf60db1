/**
 * Whether a checker refuses a file for its types. A name or a module that cannot be found, a syntax error, or a checker that
 * gives up are refusals of any file: a misspelt import would let types pass that accept everything.
 */

/** Of tsc: syntax (TS1…), names and modules that are not found, options and files (TS5…, TS6…). */
const NO_REFUSAL_TSC =
  '[156]\\d+|2304|2305|2306|2307|2318|2503|2552|2580|2581|2582|2583|2584|2591|2688|2724|7016|18003';

/** A line by which each refuses a file for its types, as the source of a regular expression. */
export const REFUSALS = {
  tsc: `error TS(?!(?:${NO_REFUSAL_TSC}):)\\d+: `,
  mypy: ': error: .*\\[(?!(?:import|import-not-found|import-untyped|name-defined|syntax)\\])[a-z-]+\\]$',
} as const;

const FOR_TYPES = new RegExp(`^${REFUSALS.tsc.slice('error '.length)}`);

/** @param number of a complaint of tsc, as `TS2322` */
export const isForTypes = (number: string): boolean => FOR_TYPES.test(`${number}: `);

export const REFUSED_OTHERWISE =
  'what is wrong with it is a name or an import that is not found, or its syntax';
