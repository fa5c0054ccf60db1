import { toJson } from '../../domain/harmless.ts';
import type { LoadResult } from '../../domain/load.ts';

/** More digits than any of it was measured with; a whole number is kept as it is. */
const DIGITS = 9;

/** Leaves out, of the numbers in a document, the digits that mean nothing. */
export const shortNumbers = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;

/** A load run as one JSON document. */
export const loadJson = (result: LoadResult): string => `${toJson(result, shortNumbers, 2)}\n`;
