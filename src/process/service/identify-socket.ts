/** Whether the process that answers at a socket in the file system really is the service. */
import { resolve } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import type { Probe, Service } from '../../core/suite.ts';
import { formatDuration } from '../../core/units.ts';
import type { CommandOwner } from '../ownership/command-owner.ts';
import { singleProbes } from '../probes/probe.ts';
import { describeHolder, type PortHolder } from '../system/sockets.ts';
import { holdersOfPath, pathHolder } from '../system/unix-sockets.ts';
import { hiddenFrom } from './identify.ts';
import { unlooked, whereSeen } from './unlooked.ts';

interface Asked {
  readonly spec: Pick<Service, 'name' | 'ready' | 'cwd'>;
  readonly owner: Pick<CommandOwner, 'members'>;
}

/** The sockets in the file system that its conditions look at, as they are written. */
const socketsOf = (ready: Probe): string[] =>
  singleProbes(ready).flatMap((single) => {
    if (single.type === 'unix') return [single.path];
    return single.type === 'http' && single.unix !== undefined ? [single.unix] : [];
  });

/** A socket of its conditions that somebody else listens on. */
export interface ForeignSocket {
  /** As it is written. */
  readonly path: string;
  readonly holder: PortHolder;
}

/** @throws where the machine is in trouble */
export function foreignSocket({ spec, owner }: Asked): ForeignSocket | undefined {
  for (const path of socketsOf(spec.ready)) {
    const absolute = resolve(spec.cwd, path);
    const holder = pathHolder(absolute);
    if (holder !== undefined && holdersOfPath(absolute, owner.members()).length === 0)
      return { path, holder };
  }
  return undefined;
}

/** Ready means that the sockets are the service's. Where that cannot be checked, nobody is accused. */
export function checkSockets(service: Asked): Promise<Finding | undefined> {
  const { name } = service.spec;
  const question = 'whether what answers at its socket belongs to the service';
  return whereSeen<Finding | undefined>(
    () => {
      const foreign = foreignSocket(service);
      if (foreign === undefined) return undefined;
      const { path, holder } = foreign;
      const hidden = hiddenFrom(holder, service.owner);
      if (hidden !== undefined) return unlooked(name, question, hidden);
      return {
        code: 'foreign-listener',
        step: name,
        message: `the socket ${path} is answered by another program: ${describeHolder(holder, formatDuration)}`,
        hint: `${name} is running, but what answers does not belong to it; stop the other program, or use another path`,
        port: null,
        path,
        holder: holder.process,
      };
    },
    (trouble) => unlooked(name, question, trouble),
  );
}
