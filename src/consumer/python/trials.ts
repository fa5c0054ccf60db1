/** The installations of a Python package that a run tries: on the first Python, or on each that was asked for. */
import { join } from 'node:path';
import { ok, type Result } from '../../core/result.ts';
import type { Ms } from '../../core/units.ts';
import type { CommandContext } from '../../process/run-owned.ts';
import type { ConsumerFailure } from '../failure.ts';
import { within } from '../time-limit.ts';
import type { InstalledDistribution } from './distribution.ts';
import { installDistribution } from './install.ts';
import { type Interpreter, Interpreters } from './interpreters.ts';
import type { PythonSpec } from './spec.ts';

/** One installation. */
export interface PythonTrial {
  /** The version as the command line says it; null: it says none. */
  readonly asked: string | null;
  readonly outcome: Result<InstalledDistribution, ConsumerFailure>;
  readonly durationMs: number;
}

/** A fault of the package does not keep it from being tried elsewhere, and neither does a Python that it is not for. */
const isOver = ({ outcome }: PythonTrial): boolean =>
  !outcome.ok && !['package', 'stopped'].includes(outcome.error.blame) && outcome.error.isExcluded !== true;

/**
 * Installs for one Python after the other.
 *
 * @param pythons versions: `3.11`, `3.13t`; none: the first Python on the PATH
 * @param limit how long each installation may take
 * @returns the installations in this order; or why there is none
 */
export async function installOnEach(
  spec: PythonSpec,
  pythons: readonly string[],
  limit: Ms,
  context: CommandContext,
): Promise<Result<readonly PythonTrial[], ConsumerFailure>> {
  const interpreters = new Interpreters(context);
  const chosen: { readonly asked: string | null; readonly interpreter?: Interpreter }[] = [];
  for (const asked of pythons) {
    const interpreter = await interpreters.find(asked);
    if (!interpreter.ok) return interpreter;
    chosen.push({ asked, interpreter: interpreter.value });
  }
  if (chosen.length === 0) chosen.push({ asked: null });
  const trials: PythonTrial[] = [];
  for (const [index, { asked, interpreter }] of chosen.entries()) {
    // In which the same steps have other names than before.
    const own = { ...context, id: index === 0 ? context.id : join(context.id, String(index + 1)) };
    const startedAt = context.clock.now();
    const outcome = await within(limit, own, (each) => installDistribution(spec, each, interpreter));
    const trial = { asked, outcome, durationMs: context.clock.now() - startedAt };
    if (!outcome.ok && (isOver(trial) || context.signal.aborted)) return outcome;
    trials.push(trial);
  }
  const failed = trials.find(({ outcome }) => !outcome.ok && outcome.error.isExcluded !== true);
  const [first] = trials;
  const isNowhere = failed === undefined && trials.every(({ outcome }) => !outcome.ok);
  if (first !== undefined && !first.outcome.ok && (isNowhere || trials.length === 1)) return first.outcome;
  return ok(trials);
}
