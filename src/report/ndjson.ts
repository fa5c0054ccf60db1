import type { Stamped } from '../core/event.ts';
import { toJson } from '../core/harmless.ts';
import { lasting } from './lasting.ts';

/** An event as JSON on a line of its own. */
export const ndjsonReport = (event: Stamped): string => `${toJson(lasting(event))}\n`;
