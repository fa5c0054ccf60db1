/** The port of a service must be free before it starts and after it has ended. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';
import { type Finding, showProcess } from '../../core/finding.ts';
import type { Service } from '../../core/suite.ts';
import { formatDuration } from '../../core/units.ts';
import type { StateFolder } from '../../store/state-folder.ts';
import { livingUnended, type Unended } from '../ownership/unended.ts';
import { ownerOf } from '../system/proc.ts';
import { describeHolder, findPortHolder, type PortHolder } from '../system/sockets.ts';
import { isHeldUp } from './held-up.ts';
import { unlooked, whereSeen } from './unlooked.ts';

const LOOK_EVERY = 20;
/** The kernel frees a port the moment its last holder is gone; the table may lag. */
const FREED_WITHIN = 1000;

/**
 * @param state of this project, to tell what holds a port
 * @returns a finding that names who already holds one of the ports; undefined when all are free
 */
export async function checkPortsFree(
  spec: Service,
  ports: Iterable<number>,
  state?: StateFolder,
): Promise<Finding | undefined> {
  for (const port of ports) {
    const finding = await whereSeen(
      async () => {
        const holder = await findPortHolder(port);
        return holder === undefined ? undefined : portTaken(spec, port, holder, state);
      },
      (trouble) => unlooked(spec.name, `whether port ${port} is free`, trouble),
    );
    if (finding !== undefined) return finding;
  }
  return undefined;
}

function portTaken(spec: Service, port: number, holder: PortHolder, state?: StateFolder): Finding {
  const left = leftHolder(holder);
  if (left !== undefined) {
    const { pid, command, ageMs, of } = left;
    return {
      code: 'port-blocked',
      step: spec.name,
      message: `port ${port} is used by ${showProcess(left)}, which ${of} left and which could not be stopped`,
      hint: `${spec.name} was not started, through no fault of its own; see the finding of ${of}`,
      port,
      holder: { pid, command, ageMs },
    };
  }
  return {
    code: 'port-taken',
    step: spec.name,
    message: `port ${port} is already in use by ${describeHolder(holder, formatDuration)}`,
    hint: `${spec.name} was not started; ${wayOut(holder, state)}`,
    port,
    holder: holder.process,
  };
}

/** What to do about somebody else who has the port. */
function wayOut({ process }: PortHolder, state: StateFolder | undefined): string {
  return process !== null && state !== undefined && isHeldUp(process.pid, state)
    ? 'a `shakedown up` of this project holds that: `shakedown down` ends it, and with `port: 0` each has a port of its own'
    : 'stop that program, or choose another port';
}

/** The holder, if an earlier component left it. One that we may not signal hides its sockets too; its user gives it away. */
function leftHolder({ process, uid }: PortHolder): Unended | undefined {
  return livingUnended().find((left) =>
    process === null
      ? left.obstacle === 'not-permitted' && uid === ownerOf(left.pid)
      : process.pid === left.pid,
  );
}

/** @returns a finding that names who holds the port although the service has ended; undefined when it is free */
export function checkPortFreed(spec: Service, port: number, clock: Clock): Promise<Finding | undefined> {
  return whereSeen(
    () => portStillOpen(spec, port, clock),
    (trouble) => unlooked(spec.name, `whether port ${port} is free again`, trouble),
  );
}

async function portStillOpen(spec: Service, port: number, clock: Clock): Promise<Finding | undefined> {
  const holder = await stillHeld(port, clock);
  if (holder === undefined) return undefined;
  return {
    code: 'port-still-open',
    step: spec.name,
    message: `port ${port} is still open after ${spec.name} has ended: it is used by ${describeHolder(holder, formatDuration)}`,
    port,
    holder: holder.process,
  };
}

async function stillHeld(port: number, clock: Clock): Promise<PortHolder | undefined> {
  const deadline = clock.now() + FREED_WITHIN;
  for (;;) {
    const holder = await findPortHolder(port);
    if (holder === undefined || clock.now() > deadline) return holder;
    await delay(LOOK_EVERY);
  }
}
