/** A service that has a port is not ready before something listens there, unless its `ready` says itself what that port has to do. */
import { asksOwnPort, type Probe } from '../../core/suite.ts';
import type { ProbeAnswer } from '../probes/answer.ts';
import { PortLooks } from '../probes/port.ts';
import { singleProbes } from '../probes/probe.ts';
import { hasSocketTable, isBound } from '../system/sockets.ts';
import type { Container } from './container.ts';

/** Whether a condition looks at the service's own port, if only as one of several ways to be ready. */
export const mentionsOwnPort = (probe: Probe): boolean => singleProbes(probe).some(asksOwnPort);

/**
 * Looks whether the port of a service whose condition holds is in use: by TCP or UDP, at any address of this machine. Where no
 * table can be read nothing is known, and the condition is believed.
 *
 * @param container in which the service runs, if it does
 */
export function looksAtOwnPort(
  port: number,
  container: Pick<Container, 'listens' | 'isOnHost'> | undefined,
): () => Promise<ProbeAnswer> {
  if (container?.isOnHost === false)
    return async () => {
      const answer = await container.listens();
      return answer.ready ? answer : { ...answer, isUnused: true };
    };
  if (!hasSocketTable()) return async () => ({ ready: true });
  const looks = new PortLooks(port);
  return async () =>
    isBound(port) || (await looks.look()).ready
      ? { ready: true }
      : { ready: false, why: `nothing listens on port ${port}`, isUnused: true, isUnheard: true };
}
