/**
 * Whether a checker rejects a file because of its types. An unknown name or module, a syntax error and a checker that
 * gives up do not count: otherwise a misspelt import would hide types that accept everything.
 */

/** Codes of tsc for syntax (TS1…), unknown names and modules, options and files (TS5…, TS6…). */
const NO_REFUSAL_TSC =
  '[156]\\d+|2304|2305|2306|2307|2318|2503|2552|2580|2581|2582|2583|2584|2591|2688|2724|7016|18003';

/** The source of a regular expression for a line in which each checker reports a type error. */
export const REFUSALS = {
  tsc: `error TS(?!(?:${NO_REFUSAL_TSC}):)\\d+: `,
  mypy: ': error: .*\\[(?!(?:import|import-not-found|import-untyped|name-defined|syntax)\\])[a-z-]+\\]$',
} as const;

const FOR_TYPES = new RegExp(`^${REFUSALS.tsc.slice('error '.length)}`);

/** @param number tsc's error code, such as `TS2322` */
export const isForTypes = (number: string): boolean => FOR_TYPES.test(`${number}: `);

export const REFUSED_OTHERWISE = 'what is wrong with it is an unknown name or import, or its syntax';
