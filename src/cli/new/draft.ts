/** Runs a config that has not been written yet: an ordinary run, of which only the events are used. */
import { join } from 'node:path';
import { buildSuite } from '../../config/build.ts';
import type { SuiteOptions } from '../../config/options.ts';
import { validate } from '../../config/validate.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Suite } from '../../core/suite.ts';
import { runPlan } from '../../engine/run.ts';
import type { RunHost } from '../../engine/run-context.ts';
import { loadWords } from '../../kinds/index.ts';
import { planRun } from '../../plan/plan.ts';
import { openTier } from '../../process/ownership/tiers/choose.ts';
import { CONFIG_FILE } from '../../starter/file.ts';
import type { Program } from '../flags.ts';
import { hostOf } from '../run.ts';
import { watchSignals } from '../signals.ts';

async function build(options: SuiteOptions, cwd: string): Promise<Suite> {
  const words = await loadWords();
  const validated = validate(options, words);
  const { suite, problems } = buildSuite(validated, words, join(cwd, CONFIG_FILE), CONFIG_FILE);
  const [wrong] = [...validated.problems, ...problems];
  if (wrong !== undefined)
    throw new Error(`the config that was made up is none: ${wrong.path.join('.')}: ${wrong.message}`);
  return suite;
}

/**
 * @param names of the components to run, one after another, whatever happens to the others
 * @param adjust adds sinks, and anything else, to the run
 * @returns the signal that interrupted it; or why there could be no run
 */
export async function runDraft(
  options: SuiteOptions,
  names: readonly string[],
  program: Program,
  adjust: (host: RunHost) => RunHost,
): Promise<Result<NodeJS.Signals | undefined, string>> {
  const tier = await openTier(undefined, program.clock);
  if (!tier.ok) return err(tier.error);
  const signals = watchSignals(() => {}, program.lastResort);
  try {
    const suite = await build(options, program.cwd);
    const plan = planRun(suite, names, { jobs: 1, keepGoing: true, repeat: 1 });
    if (!plan.ok) throw new Error(`${names.join(', ')} cannot be tried`);
    const terminal = { sink: () => {}, leave: () => {}, close: () => {} };
    await runPlan(plan.value, adjust(hostOf({ signals, terminal }, tier.value, program)));
    return ok(signals.received());
  } finally {
    signals.release();
  }
}
