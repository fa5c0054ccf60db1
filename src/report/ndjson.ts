import type { Stamped } from '../domain/event.ts';
import { toJson } from '../domain/harmless.ts';
import { lasting } from './lasting.ts';

/** An event as JSON on a line of its own. */
export const ndjsonReport = (event: Stamped): string => `${toJson(lasting(event))}\n`;
