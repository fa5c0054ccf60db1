/** Whether the process that answers really is the service. */
import type { Trouble } from '../../core/failure.ts';
import { type Finding, showProcess } from '../../core/finding.ts';
import type { Service } from '../../core/suite.ts';
import { formatDuration } from '../../core/units.ts';
import type { CommandOwner } from '../ownership/command-owner.ts';
import { openFiles, type ProcessInfo, sight } from '../system/proc.ts';
import {
  describeHolder,
  hasSocketTable,
  holdersOf,
  listenersOn,
  type PortHolder,
  portHolder,
} from '../system/sockets.ts';
import type { Container } from './container.ts';
import { unlooked, whereSeen } from './unlooked.ts';

export type Readiness =
  | { readonly type: 'ready'; readonly pid: number }
  | { readonly type: 'died' }
  | { readonly type: 'found'; readonly finding: Finding };

/** The process of this owner that listens on the port; of several, the oldest, which is the master. */
export function ourListener(owner: Identified['owner'], port: number | null): ProcessInfo | undefined {
  if (port === null || !hasSocketTable()) return undefined;
  const eldest = (members: readonly ProcessInfo[]): ProcessInfo | undefined =>
    holdersOf(port, members).sort((a, b) => a.startTicks - b.startTicks)[0];
  // A full scan takes as long as a server needs for its first answer, so it comes second.
  return eldest(owner.knownMembers()) ?? eldest(owner.members());
}

/** A service whose probe says that it is ready. */
export interface Identified {
  readonly spec: Pick<Service, 'name'>;
  readonly port: number | null;
  readonly owner: Pick<CommandOwner, 'knownMembers' | 'members'>;
  /** Represents the service where its listener cannot be identified. */
  readonly launcherPid: number;
}

/**
 * Ready means that the listener is ours: another process may have taken the port first. Where that cannot be checked,
 * nobody is accused.
 *
 * @param found the listener, if it has been looked up and is ours
 */
export function identify(service: Identified, found: ProcessInfo | undefined): Promise<Readiness> {
  const question = `whether what answers on port ${service.port} belongs to the service`;
  return whereSeen<Readiness>(
    () => lookAtListener(service, question, found),
    (trouble) => ({ type: 'found', finding: unlooked(service.spec.name, question, trouble) }),
  );
}

/**
 * The same for a service in a container: a published port leads to it if its engine says so, however it does that; on the
 * network of this machine the listener must be one of its processes.
 */
export async function identifyContained(container: Container, service: Identified): Promise<Readiness> {
  const seen = await container.look();
  if (seen === undefined) return { type: 'died' };
  const { first, processes, published } = seen;
  const launcherPid = first?.pid ?? service.launcherPid;
  const { port } = service;
  if (port === null || published.includes(port) || first === undefined)
    return { type: 'ready', pid: launcherPid };
  const members = (): ProcessInfo[] => [...processes];
  return identify({ ...service, owner: { members, knownMembers: members }, launcherPid }, undefined);
}

function lookAtListener(
  { spec, owner, launcherPid, port }: Identified,
  question: string,
  found: ProcessInfo | undefined,
): Readiness {
  if (found !== undefined) return { type: 'ready', pid: found.pid };
  if (port === null || !hasSocketTable()) return { type: 'ready', pid: launcherPid };
  const listener = ourListener(owner, port);
  if (listener !== undefined) return { type: 'ready', pid: listener.pid };
  const listeners = listenersOn(port);
  // Nobody listens: the probe was of another kind, such as a line of output.
  if (listeners.length === 0) return { type: 'ready', pid: launcherPid };
  const holder = portHolder(port) ?? { process: null, uid: listeners[0]?.uid ?? null };
  const hidden = hiddenFrom(holder, owner);
  if (hidden !== undefined) return { type: 'found', finding: unlooked(spec.name, question, hidden) };
  return {
    type: 'found',
    finding: {
      code: 'foreign-listener',
      step: spec.name,
      message: `port ${port} is answered by another program: ${describeHolder(holder, formatDuration)}`,
      hint: `${spec.name} is running, but what answers does not belong to it; stop the other program, or use another port`,
      port,
      holder: holder.process,
    },
  };
}

/** Why an unseen holder may be one of the service's own processes after all; undefined if it is none of them. */
export function hiddenFrom(
  { process }: PortHolder,
  owner: Pick<Identified['owner'], 'members'>,
): Trouble | undefined {
  const hidden = process === null ? owner.members().find(isHidden) : undefined;
  if (hidden === undefined) return undefined;
  return {
    cause: `the open files of ${showProcess(sight(hidden))} cannot be read`,
    remedy: 'run Shakedown as the user that the service runs as, or as root',
  };
}

/** Whether only root may list its sockets, since it runs as another user or is not dumpable: it may hold any of them. */
function isHidden({ pid }: ProcessInfo): boolean {
  let isUnread = false;
  openFiles(pid, (error) => {
    isUnread = (error as NodeJS.ErrnoException).code === 'EACCES';
  });
  return isUnread;
}
