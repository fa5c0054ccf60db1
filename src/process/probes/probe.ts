/** Readiness conditions: what each looks at, and how they combine. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { showPattern } from '../../domain/pattern.ts';
import { type Command, type Probe, showCommand } from '../../domain/suite.ts';
import { type OutputScanner, type Watch, watchFor } from '../output/scanner.ts';
import { acceptingAddresses } from '../system/sockets.ts';
import type { ProbeAnswer } from './answer.ts';
import { probeHttp } from './http.ts';

/** What probes may look at. */
export interface ProbeSubject {
  readonly port: number | null;
  readonly cwd: string;
  readonly scanner: OutputScanner;
  /** Runs a command beside the service and resolves with its exit code; null when it could not be run. */
  readonly execute: (command: Command, signal: AbortSignal) => Promise<number | null>;
  /** Called when a server has taken a connection and is about to answer: time to do something else. */
  readonly onAsked?: () => void;
}

const SHORTEST_WAIT = 1;
const LONGEST_WAIT = 25;
/** The wait between two looks, as a part of the time waited so far: nobody is found ready much later than they are. */
const WAITED_PART = 1 / 50;
const CONNECT_WITHIN = 1000;

const logWatchName = (probe: Extract<Probe, { type: 'log' }>): string =>
  `ready ${showPattern(probe.pattern)}`;

/** What a service's output must be watched for, so that its log probes can answer. */
export function logWatches(probe: Probe): Watch[] {
  if (probe.type === 'all' || probe.type === 'any') return probe.probes.flatMap(logWatches);
  return probe.type === 'log' ? [watchFor(logWatchName(probe), probe.pattern)] : [];
}

/** The ports that a probe looks at, `own` being the service's. */
export function probedPorts(probe: Probe, own: number | null): number[] {
  if (probe.type === 'all' || probe.type === 'any')
    return probe.probes.flatMap((part) => probedPorts(part, own));
  if (probe.type !== 'port' && probe.type !== 'http') return [];
  const port = probe.port ?? own;
  return port === null ? [] : [port];
}

async function look(probe: Probe, subject: ProbeSubject, signal: AbortSignal): Promise<ProbeAnswer> {
  const answer = (ready: boolean, why: string): ProbeAnswer => (ready ? { ready } : { ready, why });
  switch (probe.type) {
    case 'port': {
      const port = probe.port ?? subject.port;
      if (port === null) return answer(false, 'the service has no port to look at');
      return answer(
        (await acceptingAddresses(port, CONNECT_WITHIN)).length > 0,
        `port ${port} accepts no connection`,
      );
    }
    case 'http': {
      const port = probe.port ?? subject.port;
      if (port === null) return answer(false, 'the service has no port to look at');
      return probeHttp(port, probe.path, probe.status, signal, subject.onAsked);
    }
    case 'log':
      return answer(
        subject.scanner.saw(logWatchName(probe)),
        `its output does not hold ${showPattern(probe.pattern)}`,
      );
    case 'file':
      return answer(existsSync(resolve(subject.cwd, probe.path)), `the file ${probe.path} does not exist`);
    case 'exec': {
      const code = await subject.execute(probe.command, signal);
      return answer(
        code === 0,
        `${showCommand(probe.command)} ${code === null ? 'could not be run' : `exited with code ${code}`}`,
      );
    }
    case 'all': {
      const answers = await Promise.all(probe.probes.map((part) => look(part, subject, signal)));
      return answers.find((part) => !part.ready) ?? { ready: true };
    }
    case 'any': {
      const answers = await Promise.all(probe.probes.map((part) => look(part, subject, signal)));
      const whys = answers.flatMap((part) => (part.ready ? [] : [part.why]));
      return whys.length < answers.length ? { ready: true } : { ready: false, why: whys.join('; ') };
    }
  }
}

/** Looks are never closer than they take, so that a probe which runs a command leaves the machine to the service. */
function nextWait(waited: number, lookTook: number): number {
  return Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, waited * WAITED_PART, lookTook));
}

/**
 * Polls until a probe is ready: after 1 ms first, then less and less often, at least every 25 ms.
 *
 * @param signal ends the wait
 * @param onAnswer told of each answer, so that a timeout can say what was still missing
 * @returns whether it became ready; false when the signal came first
 */
export async function untilReady(
  probe: Probe,
  subject: ProbeSubject,
  signal: AbortSignal,
  onAnswer: (answer: ProbeAnswer) => void,
): Promise<boolean> {
  const startedAt = performance.now();
  while (!signal.aborted) {
    const lookedAt = performance.now();
    const answer = await look(probe, subject, signal);
    if (signal.aborted) return false;
    onAnswer(answer);
    if (answer.ready) return true;
    const now = performance.now();
    await delay(nextWait(now - startedAt, now - lookedAt), undefined, { signal }).catch(() => {});
  }
  return false;
}
