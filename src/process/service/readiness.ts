/** Waits from the start of a service until it is ready, or until there is a reason why it never will be. */
import { setTimeout as delay } from 'node:timers/promises';
import { troubleOf } from '../../core/failure.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import type { NotReady } from '../probes/answer.ts';
import { askCommand } from '../probes/execution.ts';
import { type ProbeSubject, untilReady } from '../probes/probe.ts';
import type { ProcessInfo } from '../system/proc.ts';
import { watchWait } from './early-notice.ts';
import { identify, ourListener, type Readiness } from './identify.ts';
import { earlyHintOf, explainLate, hintOf, whereInstead } from './late.ts';
import { type StartParts, withPort } from './start-parts.ts';

const WATCH_EVERY = 20;

/** Races the probe against the end of the service, the deadline and the end of the component. */
export async function awaitReadiness(parts: StartParts): Promise<Readiness> {
  const { spec, context, port, owner, root, startedAt, scanner, exchanges } = parts;
  const { clock } = context;
  const race = new AbortController();
  let last: NotReady = { ready: false, why: 'it was never checked' };
  const statuses = new Set<number>();
  let listener: ProcessInfo | undefined;
  let isLookedFor = false;
  // The listener is looked up while the server prepares its first answer, so it costs the client no time.
  const onAsked = (): void => {
    if (isLookedFor) return;
    isLookedFor = true;
    try {
      listener = ourListener(owner, port);
    } catch (error) {
      // It is looked up again once the answer is there.
      if (troubleOf(error) === undefined) throw error;
    }
  };
  const ready = untilReady(spec.ready, subjectOf(parts, onAsked), race.signal, (answer) => {
    if (answer.ready) return;
    last = answer;
    if (answer.status !== undefined) statuses.add(answer.status);
  }).then((reached): 'ready' | 'stopped' => (reached ? 'ready' : 'stopped'));
  const early = earlyEnd(parts, race.signal).then(() => 'died' as const);
  let disarm = (): void => {};
  const late = new Promise<'late'>((resolve) => {
    disarm = clock.after(spec.readyTimeout, () => resolve('late'));
  });
  const facts = { spec, port, clock, env: parts.options.env, owner, scanner, exchanges, statuses };
  const unwatch = watchWait({
    name: spec.name,
    clock,
    look: (waitedMs) => earlyHintOf({ ...facts, last }, waitedMs),
    say: (message) => context.onWait?.(message),
  });
  const outcome = (await untilAborted(Promise.race([ready, early, late]), context.signal)) ?? 'stopped';
  const reached =
    outcome === 'ready' ? await identify({ ...parts, launcherPid: owner.pidOf(root) }, listener) : undefined;
  // Whoever waits for the service comes first.
  if (reached?.type === 'ready') context.onReady?.();
  race.abort();
  disarm();
  unwatch();
  exchanges.finish();
  if (reached !== undefined) return reached;
  if (outcome === 'died') return { type: 'died' };
  const known = { ...facts, last };
  if (outcome === 'late') return { type: 'found', finding: await explainLate(known) };
  const waitedMs = clock.now() - startedAt;
  const hint = await hintOf(known);
  return {
    type: 'found',
    finding: {
      code: 'not-ready',
      step: spec.name,
      message: `${spec.name} was stopped before it was ready: ${last.why}${await whereInstead(known)}`,
      waitedMs,
      ...(hint === undefined ? {} : { hint }),
    },
  };
}

/** What the probes of a service look at. */
function subjectOf(parts: StartParts, onAsked: () => void): ProbeSubject {
  const { spec, context, port } = parts;
  const { clock } = context;
  return {
    ...{ ...parts, clock, cwd: spec.cwd },
    execute: (command, limit, signal) => askCommand(withPort(command, port), parts, clock, limit, signal),
    onAsked,
  };
}

/** Resolves when nothing of the service lives any more. */
async function earlyEnd({ spec, owner, root }: StartParts, signal: AbortSignal): Promise<void> {
  const exit = await untilAborted(root.exited, signal);
  if (exit === undefined || !spec.daemon || exit.code !== 0) return;
  while (!signal.aborted && !(await owner.hasEnded()))
    await delay(WATCH_EVERY, undefined, { signal, ref: false }).catch(() => {});
}
