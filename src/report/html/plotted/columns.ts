/** Numbers over time, as a page holds them for its script: short, and exact to the unit of the column. */

/** A column of numbers: whole multiples of its unit, each as the difference to the one before; null: unknown. */
export interface Column {
  readonly unit: number;
  readonly steps: readonly (number | null)[];
}

export type Values = readonly (number | null)[];

/** Digits that the largest number of a column keeps. */
const DIGITS = 4;

/** A power of ten that leaves the largest of some numbers so many digits. */
export function unitFor(values: Values): number {
  const most = Math.max(0, ...values.map((value) => Math.abs(value ?? 0)));
  return most === 0 ? 1 : 10 ** (Math.floor(Math.log10(most)) + 1 - DIGITS);
}

/** @param unit what is lost is at most half of it */
export function encodeColumn(values: Values, unit: number): Column {
  let last = 0;
  const steps = values.map((value) => {
    if (value === null) return null;
    const whole = Math.round(value / unit);
    const step = whole - last;
    last = whole;
    return step;
  });
  return { unit, steps };
}

export function decodeColumn({ unit, steps }: Column): (number | null)[] {
  let sum = 0;
  return steps.map((step) => {
    if (step === null) return null;
    sum += step;
    return sum * unit;
  });
}
