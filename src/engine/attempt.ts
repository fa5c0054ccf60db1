/** Takes a component from its first attempt to its verdict: time limit, retries, repetition. */
import { againCommand, chosenIn } from '../core/again.ts';
import type { RunEvent } from '../core/event.ts';
import type { Finding } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import { interruptedBy, stopReason, timedOut, untilAborted } from '../core/stop-reason.ts';
import { type Component, type Environment, showCommand } from '../core/suite.ts';
import type { Verdict } from '../core/verdict.ts';
import { kindOf, verdictOf, weighed } from '../kinds/index.ts';
import { runAround } from './around.ts';
import { endedEarly } from './conclusion.ts';
import { withMissingModule } from './missing-module.ts';
import type { Run } from './run-context.ts';
import type { SharedPool } from './shared/pool.ts';
import { LeaseUser } from './shared/user.ts';
import { logPath, type Supervised, strayFindings, supervise } from './supervise.ts';

export interface AttemptContext extends Run {
  readonly env: Environment;
  readonly pool: Pick<SharedPool, 'lease'>;
  /** Aborts, with a `StopReason`, when this component is to end early. */
  readonly stop: AbortSignal;
}

/**
 * Runs a component as often as the plan and its retries say, and emits the events.
 *
 * @param id as events name it; unique within the run
 * @param first the number of its first attempt
 */
export async function attemptComponent(
  component: Component,
  context: AttemptContext,
  id = component.name,
  first = 1,
): Promise<Verdict> {
  const { plan, emit, stop, clock } = context;
  const startedAt = clock.now();
  const most = component.retries + 1;
  let verdict: Verdict = 'passed';
  let flaky = false;
  let attempts = first - 1;
  // Of the latest attempt that has not passed.
  let failures: readonly Finding[] = [];
  // Waiting for services of the suite is not the component's own time.
  let waitedMs = 0;
  for (let pass = 1; pass <= plan.repeat && verdict === 'passed'; pass++) {
    for (let attempt = 1; attempt <= most; attempt++) {
      attempts += 1;
      const outcome = await attemptOnce(component, id, attempts, context);
      verdict = outcome.verdict;
      waitedMs += outcome.waitedMs;
      if (verdict === 'passed' && attempt > 1) {
        flaky = true;
        if (component.flaky === 'fail') {
          emit({
            type: 'finding',
            component: id,
            attempt: attempts,
            finding: flakyFinding(component, attempts, failures, plan),
          });
          verdict = 'failed';
        }
        break;
      }
      failures = outcome.findings;
      if (verdict === 'passed' || outcome.isFinal || stop.aborted) break;
      if (attempt < most) emit({ type: 'component-retrying', component: id, attempt, attempts: most });
    }
    if (stop.aborted) break;
  }
  const reason = stopReason(stop);
  if (reason?.type === 'obsolete' && verdict !== 'failed') verdict = 'skipped';
  emit({
    type: 'component-finished',
    component: id,
    verdict,
    flaky,
    attempts,
    durationMs: clock.now() - startedAt - waitedMs,
  });
  return verdict;
}

/** @param attempt the number of the one that passed */
function flakyFinding(
  { name }: Component,
  attempt: number,
  failures: readonly Finding[],
  plan: Plan,
): Finding {
  const cause = failures.find((finding) => verdictOf([finding]) === verdictOf(failures));
  const again = againCommand(chosenIn(plan), [name, '--repeat', '20']);
  return {
    code: 'flaky',
    message: `${name} passed on attempt ${attempt}, and failed before${cause === undefined ? '' : `: ${cause.message}`}`,
    ...(cause?.evidence === undefined ? {} : { evidence: cause.evidence }),
    hint: `find out what differs between its attempts: ${again}`,
  };
}

interface AttemptOutcome {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  /** Whether another attempt could not go any better: something that it needs has failed. */
  readonly isFinal: boolean;
  /** For services of the suite. */
  readonly waitedMs: number;
}

async function attemptOnce(
  component: Component,
  id: string,
  attempt: number,
  context: AttemptContext,
): Promise<AttemptOutcome> {
  const { emit, stop, pool } = context;
  const tell = (findings: readonly Finding[]): Verdict => {
    for (const finding of findings) emit({ type: 'finding', component: id, attempt, finding });
    return verdictOf(findings);
  };
  const begin = (logFile: string | null): void =>
    emit({ type: 'component-started', component: id, kind: component.kind, attempt, logFile });
  const startedAt = context.clock.now();
  const lease = await untilAborted(pool.lease(component, id), stop);
  const waitedMs = context.clock.now() - startedAt;
  if (lease === undefined || 'lacking' in lease) {
    begin(null);
    const lacking = lease?.lacking;
    const findings = lacking === undefined ? cutShort(component.name, stop) : [lacking];
    return { verdict: tell(findings), findings, isFinal: true, waitedMs };
  }
  // GitHub Actions rejects artifacts with a colon in their names; packages of a list may have a slash in theirs.
  const fileName = id.replaceAll(':', '-').replaceAll('/', '+');
  const logName = attempt === 1 ? `${fileName}.log` : `${fileName}.${attempt}.log`;
  begin(logPath(context, logName));
  const user = new LeaseUser(lease, stop);
  const findings = await carryOut(component, { id, attempt, logName }, context, user);
  const told = await weighed(await user.explain(findings), component);
  await lease.end();
  return { verdict: tell(told), findings: told, isFinal: user.isBroken, waitedMs };
}

interface AttemptName {
  readonly id: string;
  readonly attempt: number;
  readonly logName: string;
}

/** Runs the component itself. @returns all that was found */
async function carryOut(
  component: Component,
  { id, attempt, logName }: AttemptName,
  context: AttemptContext,
  { lease, stop }: LeaseUser,
): Promise<Finding[]> {
  const task = {
    component: id,
    id: `${id}.${attempt}`,
    logName,
    attempt,
    seed: context.plan.seed + attempt - 1,
    env: { ...context.env, ...lease.env, ...component.env },
    services: lease.services,
    leave: component.leave,
    timeout: component.timeout,
    slow: component.slow,
    stop,
  };
  const waits = new Map<string, string>();
  const noted = (event: RunEvent): void => {
    if (event.type === 'service-waiting') waits.set(event.service, event.message);
    if (event.type === 'service-ready') waits.delete(event.service);
    context.emit(event);
  };
  lease.watchErrors();
  // A bug of ours fails only the component that it hits; whatever that leaves running is ended at the end of the run.
  const outcome = await supervise(
    task,
    { ...context, emit: noted },
    async (supervised) => {
      const runOne = await kindOf(component.kind).run();
      return runAround(component, supervised, () => runOne(component, supervised));
    },
    (failure) => [failure],
  );
  const { root, setup } = context.plan;
  const ran = setup.map(({ command }) => showCommand(command));
  const result = outcome.result.map((finding) => withMissingModule(finding, root, ran));
  return [...result, ...aftermath(component, outcome, context, [...waits.values()].at(-1))];
}

/** What a component that never started has to say about it. */
function cutShort(name: string, stop: AbortSignal): Finding[] {
  const reason = stopReason(stop);
  if (reason?.type === 'interrupted') {
    const { signal } = reason;
    return [{ code: 'interrupted', message: `${name} was interrupted by ${interruptedBy(reason)}`, signal }];
  }
  return reason?.type === 'crashed' ? [endedEarly(name)] : [];
}

/**
 * Findings added at the end of the attempt: a time limit or an interruption that no step reported, an incomplete log.
 *
 * @param wait why a service was not ready, if that was reported and it still was not
 */
function aftermath(
  component: Component,
  outcome: Supervised<Finding[]>,
  { stop, plan }: Pick<AttemptContext, 'stop' | 'plan'>,
  wait: string | undefined,
): Finding[] {
  const { name, timeout } = component;
  const added: Finding[] = [];
  const reason = stopReason(stop);
  if (reason?.type === 'interrupted') {
    added.push({
      code: 'interrupted',
      message: `${name} was interrupted by ${interruptedBy(reason)}${wait === undefined ? '' : `; ${wait}`}`,
      signal: reason.signal,
    });
  } else if (outcome.timedOut !== undefined && !outcome.result.some((finding) => finding.code === 'timeout'))
    added.push(timedOut(name, timeout, outcome.timedOut));
  if (reason?.type === 'crashed') added.push(endedEarly(name));
  if (outcome.failure !== undefined) added.push(outcome.failure);
  added.push(...strayFindings(name, outcome.strays, plan.source.type));
  if (outcome.logFailure !== undefined)
    added.push({
      code: 'log-incomplete',
      message: `the log of ${name} is not complete: ${outcome.logFailure}`,
    });
  return added;
}
