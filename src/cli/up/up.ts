/** `shakedown up`: holds services of the suite to work with. */
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Plan } from '../../core/plan.ts';
import type { Result } from '../../core/result.ts';
import { Hold } from '../../engine/hold.ts';
import { planHold } from '../../plan/hold.ts';
import { openTier } from '../../process/ownership/tiers/choose.ts';
import type { OwnershipFlags, Program, SuiteFlags } from '../flags.ts';
import { readSuite } from '../namesakes.ts';
import { type Outcome, refuse } from '../outcome.ts';
import { tierDiagnostic } from '../refusal.ts';
import { carryOut, hostOf } from '../run.ts';
import { watchSignals } from '../signals.ts';
import { createHoldView } from './view.ts';

export interface UpFlags extends SuiteFlags, OwnershipFlags {}

export async function up(names: readonly string[], flags: UpFlags, program: Program): Promise<Outcome> {
  const plan = await planUp(names, flags, program);
  return plan.ok ? hold(plan.value, flags, program) : refuse(plan.error);
}

/** @returns what to hold, or what is wrong with that */
async function planUp(
  names: readonly string[],
  flags: UpFlags,
  program: Program,
): Promise<Result<Plan, Diagnostic[]>> {
  const suite = await readSuite(flags, program);
  return suite.ok ? planHold(suite.value, names) : suite;
}

/** Holds them until the user ends it. */
async function hold(plan: Plan, flags: UpFlags, program: Program): Promise<Outcome> {
  const tier = await openTier(flags.ownership, program.clock);
  if (!tier.ok) return refuse([tierDiagnostic(flags, tier.error)]);
  const names = plan.shared.map(({ name }) => name);
  const terminal = createHoldView(process.stdout, process.env, names, program);
  const frontend = { terminal, signals: watchSignals(terminal.leave, program.lastResort) };
  const { course } = new Hold({ endsWithLast: true });
  const host = hostOf(frontend, tier.value, program);
  const outcome = await carryOut({ plan, course, reports: [] }, frontend, host);
  // A signal is how a hold ends; only a second one makes it something else.
  return outcome.exitCode > 128 ? outcome : { exitCode: outcome.exitCode };
}
