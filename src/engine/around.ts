/** Runs a component's `before` and `after` commands around each attempt. */
import type { Finding } from '../core/finding.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { type Command, type Component, EXPECT_SUCCESS } from '../core/suite.ts';
import { ms } from '../core/units.ts';
import type { ComponentContext } from '../kinds/common/context.ts';
import { runStep } from '../kinds/common/run-step.ts';
import { verdictOf } from '../kinds/index.ts';

/** The time limit of the `after` commands once the attempt has been cut short. */
const AFTER_LIMIT = ms(30_000);

/**
 * Runs the commands before an attempt, the attempt if they succeed, and the commands after it in any case.
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
  if (verdictOf(findings) === 'passed' && !context.signal.aborted) findings.push(...(await attempt()));
  if (after.length === 0) return findings;
  const limit = new AbortController();
  let disarm = (): void => {};
  // The attempt may be cut short before or during these: they clean up, and get some time for it all the same.
  const onStop = (): void => {
    disarm = context.clock.after(AFTER_LIMIT, () => limit.abort({ type: 'timeout', limit: AFTER_LIMIT }));
  };
  if (context.signal.aborted) onStop();
  else context.signal.addEventListener('abort', onStop, { once: true });
  const signal = AbortSignal.any([limit.signal, context.hurry]);
  // Where the attempt stood at its time limit does not concern them.
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
  for (const [index, command] of commands.entries()) {
    if (context.signal.aborted || (stopsAtFailure && verdictOf(findings) !== 'passed')) break;
    const step = commands.length === 1 ? name : `${name}-${index + 1}`;
    const { env } = context;
    findings.push(...(await runStep({ name: step, command, cwd, env, expect: EXPECT_SUCCESS }, context)));
  }
  return findings;
}
