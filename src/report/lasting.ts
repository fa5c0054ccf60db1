import type { Stamped } from '../core/event.ts';
import { MASK } from '../core/secrets.ts';

/**
 * An event as it may be stored. A setup step may print a secret that it exports only later, so its last lines appear in
 * the live view only.
 */
export const lasting = (event: Stamped): Stamped =>
  event.type === 'output' && event.component.startsWith('setup:') ? { ...event, lastLine: MASK } : event;
