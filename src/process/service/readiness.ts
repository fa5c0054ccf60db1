/** Waits from the start of a service until it is ready, or until there is a reason why it never will be. */
import { setTimeout as delay } from 'node:timers/promises';
import { troubleOf } from '../../core/failure.ts';
import type { Finding } from '../../core/finding.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import type { NotReady, ProbeAnswer } from '../probes/answer.ts';
import { askCommand } from '../probes/execution.ts';
import { type ProbeSubject, untilHolds, untilReady } from '../probes/probe.ts';
import type { ProcessInfo } from '../system/proc.ts';
import { hasSocketTable, listenersOn } from '../system/sockets.ts';
import { watchWait } from './early-notice.ts';
import { identify, identifyContained, ourListener, type Readiness } from './identify.ts';
import { checkSockets } from './identify-socket.ts';
import { earlyHintOf, explainLate, hintOf, type LateParts, whereInstead } from './late.ts';
import type { NamedPort } from './named-port.ts';
import { looksAtOwnPort, mentionsOwnPort } from './own-port.ts';
import { portEnv, type StartParts, withinReach } from './start-parts.ts';

const WATCH_EVERY = 20;

/** How a start ends. */
export type Outcome =
  | { readonly type: 'ready'; readonly pid: number; readonly port: number | null }
  | Exclude<Readiness, { readonly type: 'ready' }>;

/** Races the probe against the end of the service, the deadline and the end of the component. */
export async function awaitReadiness(parts: StartParts): Promise<Outcome> {
  const { spec, context, owner, root, startedAt, scanner, exchanges } = parts;
  const { clock } = context;
  const race = new AbortController();
  let { port } = parts;
  let last: NotReady = { ready: false, why: 'it was never checked' };
  const statuses = new Set<number>();
  let listener: ProcessInfo | undefined;
  let isLookedFor = false;
  // The listener is looked up while the server prepares its first answer, so it costs the client no time.
  const onAsked = (): void => {
    if (isLookedFor || context.container !== undefined) return;
    isLookedFor = true;
    try {
      listener = ourListener(owner, port);
    } catch (error) {
      // It is looked up again once the answer is there.
      if (troubleOf(error) === undefined) throw error;
    }
  };
  const onAnswer = (answer: ProbeAnswer): void => {
    if (answer.ready) return;
    last = answer;
    if (answer.status !== undefined) statuses.add(answer.status);
  };
  const untilItIs = async (): Promise<'ready' | 'stopped' | Finding> => {
    if (parts.named !== undefined) {
      const found = await learnPort(parts.named, parts, race.signal, onAnswer);
      if (found === undefined) return 'stopped';
      if (typeof found !== 'number') return found;
      port = found;
      context.onSpawned?.(port);
    }
    const subject = subjectOf({ ...parts, port }, onAsked);
    if (!(await untilReady(spec.ready, subject, race.signal, onAnswer))) return 'stopped';
    if (port === null || mentionsOwnPort(spec.ready)) return 'ready';
    const look = looksAtOwnPort(port, context.container);
    return (await untilHolds(look, race.signal, onAnswer)) ? 'ready' : 'stopped';
  };
  const early = earlyEnd(parts, race.signal).then(() => 'died' as const);
  let disarm = (): void => {};
  const late = new Promise<'late'>((resolve) => {
    disarm = clock.after(spec.readyTimeout, () => resolve('late'));
  });
  const facts = (): LateParts => {
    const { env } = parts.options;
    const { container } = context;
    return { spec, port, clock, env, owner, container, scanner, exchanges, statuses, last };
  };
  const unwatch = watchWait({
    name: spec.name,
    clock,
    look: (waitedMs) => earlyHintOf(facts(), waitedMs),
    say: (message) => context.onWait?.(message),
  });
  const first = await untilAborted(Promise.race([untilItIs(), early, late]), context.signal);
  const reached =
    first === 'ready' ? await whose({ ...parts, port, launcherPid: owner.pidOf(root) }, listener) : undefined;
  // Whoever waits for the service comes first.
  if (reached?.type === 'ready') context.onReady?.();
  race.abort();
  disarm();
  unwatch();
  exchanges.finish();
  if (reached?.type === 'ready') return { ...reached, port };
  if (reached !== undefined) return reached;
  if (typeof first === 'object') return { type: 'found', finding: first };
  if (first === 'died') return { type: 'died' };
  if (first === 'late') return { type: 'found', finding: await explainLate(facts()) };
  return { type: 'found', finding: await explainStopped(facts(), clock.now() - startedAt) };
}

async function whose(
  service: StartParts & { readonly launcherPid: number },
  listener: ProcessInfo | undefined,
): Promise<Readiness> {
  const { container } = service.context;
  if (container !== undefined) return identifyContained(container, service);
  const reached = await identify(service, listener);
  const foreign = reached.type === 'ready' ? await checkSockets(service) : undefined;
  return foreign === undefined ? reached : { type: 'found', finding: foreign };
}

/** Says what a service lacked when the component was ended. */
async function explainStopped(facts: LateParts, waitedMs: number): Promise<Finding> {
  const { spec, last } = facts;
  const hint = await hintOf(facts);
  return {
    code: 'not-ready',
    step: spec.name,
    message: `${spec.name} was stopped before it was ready: ${last.why}${await whereInstead(facts)}`,
    waitedMs,
    ...(hint === undefined ? {} : { hint }),
  };
}

/**
 * Waits until a service has named its port and listens there.
 *
 * @returns the port; why it cannot be the service's; undefined when the signal came first
 */
async function learnPort(
  named: NamedPort,
  { spec, owner, root }: StartParts,
  signal: AbortSignal,
  onAnswer: (answer: ProbeAnswer) => void,
): Promise<number | Finding | undefined> {
  let found: number | Finding | undefined;
  const look = async (): Promise<ProbeAnswer> => {
    const { port } = named;
    if (port === undefined) return { ready: false, why: named.lacking };
    if (hasSocketTable() && listenersOn(port).length === 0)
      return { ready: false, why: `it named port ${port}, where nothing listens`, isUnheard: true };
    const whose = await identify({ spec, owner, port, launcherPid: owner.pidOf(root) }, undefined);
    found = whose.type === 'found' ? whose.finding : port;
    return { ready: true };
  };
  await untilHolds(look, signal, onAnswer);
  return found;
}

/** What the probes of a service look at. */
function subjectOf(parts: StartParts, onAsked: () => void): ProbeSubject {
  const { spec, context, port, options } = parts;
  const { clock } = context;
  const stage = { ...parts, options: { ...options, env: portEnv(options.env, port) } };
  return {
    ...{ ...parts, clock, cwd: spec.cwd },
    execute: (command, limit, signal) =>
      askCommand(withinReach(command, { context, port }), stage, clock, limit, signal),
    container: context.container,
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
