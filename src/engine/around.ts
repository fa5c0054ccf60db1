/** Runs a component's `before` and `after` commands around each attempt. */
import { type Finding, shortCommand } from '../core/finding.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { type Command, type Component, EXPECT_SUCCESS, showCommand } from '../core/suite.ts';
import { ms } from '../core/units.ts';
import type { ComponentContext } from '../kinds/common/context.ts';
import { runStep } from '../kinds/common/run-step.ts';
import { verdictOf } from '../kinds/index.ts';
import { keepFailure } from './supervise.ts';

/** The time limit of the `after` commands once the attempt has been cut short. */
const AFTER_LIMIT = ms(30_000);

/**
 * Runs the commands before an attempt, the attempt if they succeed, and the commands after it in any case: even a bug of
 * ours in the attempt must not keep them from tidying up.
 *
 * @returns all findings, in order
 */
export async function runAround(
  component: Component,
  context: ComponentContext,
  attempt: () => Promise<readonly Finding[]>,
): Promise<Finding[]> {
  const { before, after } = component;
  const findings = await runAll('before', before, component, context, { stopsAtFailure: true });
  if (verdictOf(findings) === 'passed' && !context.signal.aborted)
    findings.push(...(await findingsOf(attempt, context)));
  if (after.length === 0) return findings;
  const limit = new AbortController();
  let disarm = (): void => {};
  // The attempt may be cut short before or during these. They clean up, so they get some time for it anyway.
  const onStop = (): void => {
    disarm = context.clock.after(AFTER_LIMIT, () => limit.abort({ type: 'timeout', limit: AFTER_LIMIT }));
  };
  if (context.signal.aborted) onStop();
  else context.signal.addEventListener('abort', onStop, { once: true });
  const signal = AbortSignal.any([limit.signal, context.hurry]);
  // They are not asked for their state at the attempt's time limit.
  const snapshot = (): Promise<Snapshot> => Promise.resolve({ running: [], stacks: [] });
  const own = { ...context, signal, snapshot };
  const told = await runAll('after', after, component, own, { stopsAtFailure: false });
  context.signal.removeEventListener('abort', onStop);
  disarm();
  return [...findings, ...told];
}

async function runAll(
  name: string,
  commands: readonly Command[],
  { cwd }: Component,
  context: ComponentContext,
  { stopsAtFailure }: { readonly stopsAtFailure: boolean },
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const { env } = context;
  for (const [index, command] of commands.entries()) {
    if (context.signal.aborted || (stopsAtFailure && verdictOf(findings) !== 'passed')) break;
    const step = commands.length === 1 ? name : `${name}-${index + 1}`;
    const title = `${step} (${shortCommand(showCommand(command))})`;
    const work = () => runStep({ name: step, title, command, cwd, env, expect: EXPECT_SUCCESS }, context);
    findings.push(...(await findingsOf(work, context)));
  }
  return findings;
}

/** What work has found; a bug of ours that it hits is a finding like any other. */
async function findingsOf(
  work: () => Promise<readonly Finding[]>,
  { component, log }: ComponentContext,
): Promise<readonly Finding[]> {
  try {
    return await work();
  } catch (error) {
    return [keepFailure(error, component, log)];
  }
}
