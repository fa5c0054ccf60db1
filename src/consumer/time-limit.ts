/** A time limit for a part of an attempt: an installation that hangs must not take the time of all others. */
import type { StopReason } from '../core/stop-reason.ts';
import type { Ms } from '../core/units.ts';
import type { CommandContext } from '../process/run-owned.ts';

/**
 * Does some work in a context of its own, which ends at a time limit as an attempt does at its own.
 *
 * @returns what the work gives, which must end when its context does
 */
export async function within<T>(
  limit: Ms,
  context: CommandContext,
  work: (context: CommandContext) => Promise<T>,
): Promise<T> {
  const reached = new AbortController();
  const reason: StopReason = { type: 'timeout', limit };
  const cancel = context.clock.after(limit, () => reached.abort(reason), false);
  try {
    return await work({ ...context, signal: AbortSignal.any([context.signal, reached.signal]) });
  } finally {
    cancel();
  }
}
