/** `shakedown up`: holds services of the suite to work with. */
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Plan } from '../../core/plan.ts';
import type { Result } from '../../core/result.ts';
import { Hold } from '../../engine/hold.ts';
import { planHold } from '../../plan/hold.ts';
import { openTier } from '../../process/ownership/tiers/choose.ts';
import type { OwnershipFlags, Program, SuiteFlags } from '../flags.ts';
import { tellIdleUses } from '../idle-uses.ts';
import { readSuite } from '../namesakes.ts';
import { type Outcome, refuse } from '../outcome.ts';
import { tierDiagnostic } from '../refusal.ts';
import { carryOut, hostOf } from '../run.ts';
import { watchSignals } from '../signals.ts';
import { createTerminalReport, type TerminalReport } from '../terminal-report.ts';
import { alreadyUp, holderIn } from './holder.ts';
import { QUIT } from './keys.ts';
import { takeHold } from './only-one.ts';
import { HoldView, isAttended } from './view.ts';

export interface UpFlags extends SuiteFlags, OwnershipFlags {
  /** What is there already, each `NAME=URL`. */
  readonly use?: readonly string[];
  readonly detach: boolean;
  /** Implies `detach`. */
  readonly wait: boolean;
  /** Set for the process that holds what was detached. */
  readonly holder: boolean;
}

export async function up(names: readonly string[], flags: UpFlags, program: Program): Promise<Outcome> {
  const plan = await planUp(names, flags, program);
  if (!plan.ok) return refuse(plan.error);
  if ((flags.detach || flags.wait) && !flags.holder) {
    const { detach } = await import('./detach.ts');
    return detach(plan.value, flags.wait, program);
  }
  // The turn is lost with the folder that it is in, should someone remove that.
  const other = holderIn(plan.value.root);
  const turn = other === undefined ? takeHold(plan.value.root) : undefined;
  if (turn === undefined) return refuse([alreadyUp(other ?? holderIn(plan.value.root))]);
  try {
    return await hold(plan.value, flags, program);
  } finally {
    turn.end();
  }
}

/** @returns what to hold, or what is wrong with that */
async function planUp(
  names: readonly string[],
  flags: UpFlags,
  program: Program,
): Promise<Result<Plan, Diagnostic[]>> {
  const suite = await readSuite(flags, program);
  if (!suite.ok) return suite;
  const plan = planHold(suite.value, names, flags.use);
  if (plan.ok) tellIdleUses(plan.value, flags.use);
  return plan;
}

/** Holds them until the user ends it. */
async function hold(plan: Plan, flags: UpFlags, program: Program): Promise<Outcome> {
  const tier = await openTier(flags.ownership, program.clock);
  if (!tier.ok) return refuse([tierDiagnostic(flags, tier.error)]);
  // Without anybody who could start one again, the end of the last is the end.
  const endsWithLast = flags.holder || !isAttended(process);
  const held = new Hold({ endsWithLast, isWhole: flags.wait });
  const terminal = viewOf(plan, held, flags, program, () => signals.quit(QUIT));
  const signals = watchSignals(terminal.leave, program.lastResort);
  const frontend = { terminal, signals };
  const host = { ...hostOf(frontend, tier.value, program), purpose: 'up' as const };
  const outcome = await carryOut({ plan, course: held.course, reports: [] }, frontend, host);
  // A signal is how a hold ends; only a second one makes it something else.
  return outcome.exitCode > 128 ? outcome : { exitCode: outcome.exitCode };
}

function viewOf(
  plan: Plan,
  held: Hold,
  flags: UpFlags,
  program: Program,
  onQuit: () => void,
): TerminalReport {
  // What detached services print is in their logs.
  if (flags.holder) return createTerminalReport(process.stdout, process.env, program);
  const names = plan.shared.map(({ name }) => name);
  return new HoldView(names, program, (order, { shared }) => {
    if (order.type === 'quit') return onQuit();
    const { type, name } = order;
    const progress = shared.find((each) => each.name === name)?.progress;
    const isUp = progress === 'ready' || progress === 'starting';
    void (type === 'toggle' && isUp ? held.stop(name) : held.restart(name));
  });
}
