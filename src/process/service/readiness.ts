/** From the start of a service to the moment when it is ready, or to the reason why it never will be. */
import { setTimeout as delay } from 'node:timers/promises';
import { clock } from '../../domain/clock.ts';
import type { Finding } from '../../domain/finding.ts';
import { untilAborted } from '../../domain/stop-reason.ts';
import type { Service } from '../../domain/suite.ts';
import { formatDuration } from '../../domain/units.ts';
import type { OwnedProcess, Owner } from '../ownership/owner.ts';
import type { NotReady } from '../probes/answer.ts';
import { askCommand } from '../probes/execution.ts';
import { type ProbeSubject, untilReady } from '../probes/probe.ts';
import { hasProcessTable, type ProcessInfo } from '../system/proc.ts';
import { describeHolder, holdersOf, listenersOn, portHolder } from '../system/sockets.ts';
import { explainLate, hintOf } from './late.ts';
import { type StartParts, withPort } from './start-parts.ts';

const WATCH_EVERY = 20;

export type Readiness =
  | { readonly type: 'ready'; readonly pid: number }
  | { readonly type: 'died' }
  | { readonly type: 'found'; readonly finding: Finding };

interface Parts extends StartParts {
  readonly owner: Owner;
}

/** Races the probe against the end of the service, the deadline and the end of the component. */
export async function awaitReadiness(parts: Parts): Promise<Readiness> {
  const { spec, context, port, owner, launcher, startedAt, scanner, exchanges } = parts;
  const race = new AbortController();
  let last: NotReady = { ready: false, why: 'it was never looked at' };
  let listener: ProcessInfo | undefined;
  let isLookedFor = false;
  // Who listens is looked up while the server prepares its first answer: that costs the client no time then.
  const onAsked = (): void => {
    if (!isLookedFor) listener = ourListener(owner, port);
    isLookedFor = true;
  };
  const ready = untilReady(spec.ready, subjectOf(parts, onAsked), race.signal, (answer) => {
    if (!answer.ready) last = answer;
  }).then((reached): 'ready' | 'stopped' => (reached ? 'ready' : 'stopped'));
  const early = earlyEnd(spec, owner, launcher, race.signal).then(() => 'died' as const);
  let disarm = (): void => {};
  const late = new Promise<'late'>((resolve) => {
    disarm = clock.after(spec.readyTimeout, () => resolve('late'));
  });
  const outcome = (await untilAborted(Promise.race([ready, early, late]), context.signal)) ?? 'stopped';
  const reached = outcome === 'ready' ? identify(parts, listener) : undefined;
  // Whoever waits for the service goes on first.
  if (reached?.type === 'ready') context.onReady?.();
  race.abort();
  disarm();
  exchanges.finish();
  if (reached !== undefined) return reached;
  if (outcome === 'died') return { type: 'died' };
  const known = { spec, port, env: parts.options.env, owner, scanner, exchanges, last };
  if (outcome === 'late') return { type: 'found', finding: await explainLate(known) };
  const waitedMs = clock.now() - startedAt;
  const hint = await hintOf(known);
  return {
    type: 'found',
    finding: {
      code: 'not-ready',
      step: spec.name,
      message: `${spec.name} was ended before it was ready: ${last.why}`,
      waitedMs,
      ...(hint === undefined ? {} : { hint }),
    },
  };
}

/** What the probes of a service look at. */
function subjectOf(parts: Parts, onAsked: () => void): ProbeSubject {
  const { spec, port, owner, scanner, options, exchanges, filesBefore } = parts;
  return {
    port,
    cwd: spec.cwd,
    scanner,
    exchanges,
    filesBefore,
    execute: (command, limit, signal) => askCommand(withPort(command, port), owner, options, limit, signal),
    onAsked,
  };
}

/** Resolves when nothing of the service lives any more. */
async function earlyEnd(
  spec: Service,
  owner: Owner,
  launcher: OwnedProcess,
  signal: AbortSignal,
): Promise<void> {
  const exit = await untilAborted(launcher.exited, signal);
  if (exit === undefined || !spec.daemon || exit.code !== 0) return;
  while (!signal.aborted && !(await owner.hasEnded()))
    await delay(WATCH_EVERY, undefined, { signal, ref: false }).catch(() => {});
}

/** The process of this owner that listens on the port; of several the eldest, which is the master. */
function ourListener(owner: Owner, port: number | null): ProcessInfo | undefined {
  if (port === null || !hasProcessTable) return undefined;
  const eldest = (members: readonly ProcessInfo[]): ProcessInfo | undefined =>
    holdersOf(port, members).sort((a, b) => a.startTicks - b.startTicks)[0];
  // To look at everybody takes as long as a server needs for its first answer.
  return eldest(owner.knownMembers()) ?? eldest(owner.members());
}

/**
 * Ready means that the listener is ours: somebody else may have been faster to take the port.
 *
 * @param found the listener, where it has been looked up and is ours
 */
function identify({ spec, owner, launcher, port }: Parts, found: ProcessInfo | undefined): Readiness {
  if (found !== undefined) return { type: 'ready', pid: found.pid };
  if (port === null || !hasProcessTable) return { type: 'ready', pid: owner.pidOf(launcher) };
  const listener = ourListener(owner, port);
  if (listener !== undefined) return { type: 'ready', pid: listener.pid };
  const listeners = listenersOn(port);
  // Nobody listens: the probe was another one, such as a line of output.
  if (listeners.length === 0) return { type: 'ready', pid: owner.pidOf(launcher) };
  const holder = portHolder(port) ?? { process: null, uid: listeners[0]?.uid ?? null };
  return {
    type: 'found',
    finding: {
      code: 'foreign-listener',
      step: spec.name,
      message: `port ${port} is answered by another program: ${describeHolder(holder, formatDuration)}`,
      hint: `${spec.name} runs, but what answers does not belong to this run; end the other program, or use another port`,
      port,
      holder: holder.process,
    },
  };
}
