import { toJson } from '../../domain/harmless.ts';
import type { LoadResult } from '../../domain/load.ts';
import { shortNumbers } from '../../domain/units.ts';

/** A load run as one JSON document. */
export const loadJson = (result: LoadResult): string => `${toJson(result, shortNumbers, 2)}\n`;
