import type { Stamped } from '../core/event.ts';
import { MASK } from '../core/secrets.ts';

/**
 * An event as it may be kept. What a setup step prints may be a secret that it exports only later, so what it says last
 * is seen in the live view alone.
 */
export const lasting = (event: Stamped): Stamped =>
  event.type === 'output' && event.component.startsWith('setup:') ? { ...event, lastLine: MASK } : event;
