/** A command that decides whether a service is ready. */
import type { Clock } from '../../core/clock.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import { type Command, showCommand } from '../../core/suite.ts';
import { formatDuration, ms } from '../../core/units.ts';
import { OutputScanner } from '../output/scanner.ts';
import type { Stage } from '../run-owned.ts';
import { describeExit } from '../system/exit.ts';
import type { ProbeAnswer } from './answer.ts';

const SHOWN_WORDS = 6;
/** In milliseconds: its last output may still be in the pipe. */
const WORDS_WITHIN = 100;

/**
 * Runs a command once, beside the service that it checks.
 *
 * @param command with its port filled in
 * @param service whose log takes the command's output, under a name of its own
 * @param limit milliseconds after which it is ended
 * @param signal ends the wait for it
 */
export async function askCommand(
  command: Command,
  { owner, options }: Stage,
  clock: Clock,
  limit: number,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  const { log, speaker } = options.sink;
  const scanner = new OutputScanner([]);
  const run = await owner.spawn(command, { ...options, sink: { speaker: `${speaker} probe`, log, scanner } });
  const shown = showCommand(command);
  if (!run.ok) {
    const { message, hint, isTrouble } = run.error;
    const trouble = isTrouble === true ? { trouble: { cause: message, remedy: hint } } : {};
    return { ready: false, why: `${shown} could not be run: ${message}`, ...trouble };
  }
  const { exited, output } = run.value;
  const over = new AbortController();
  const disarm = clock.after(limit, () => over.abort(), false);
  const exit = await untilAborted(exited, AbortSignal.any([signal, over.signal]));
  disarm();
  if (exit?.code === 0) return { ready: true };
  if (exit === undefined) {
    const ended = owner.endCommand(run.value);
    if (signal.aborted) return { ready: false, why: `${shown} was still running` };
    await ended;
  }
  await untilAborted(output.closed, clock.timeout(WORDS_WITHIN));
  const words = scanner.tail(SHOWN_WORDS);
  const said = words.length > 0 ? { words } : {};
  return exit === undefined
    ? {
        ready: false,
        why: `${shown} hangs: it did not finish within ${formatDuration(ms(limit))}`,
        isHung: true,
        ...said,
      }
    : { ready: false, why: `${shown} ${describeExit(exit)}`, ...said };
}
