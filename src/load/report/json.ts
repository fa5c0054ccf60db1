import { toJson } from '../../core/harmless.ts';
import type { LoadResult } from '../../core/load.ts';
import { shortNumbers } from '../../core/units.ts';

/** A load run as one JSON document. */
export const loadJson = (result: LoadResult): string => `${toJson(result, shortNumbers, 2)}\n`;
