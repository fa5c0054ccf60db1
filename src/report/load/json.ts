import type { LoadResult } from '../../domain/load.ts';

/** More digits than any of it was measured with; a whole number is kept as it is. */
const DIGITS = 9;

const round = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;

/** A load run as one JSON document. */
export const loadJson = (result: LoadResult): string => `${JSON.stringify(result, round, 2)}\n`;
