/** Readiness conditions: what each checks, how often, and how they combine. */
import { setTimeout as delay } from 'node:timers/promises';
import { troubleOf } from '../../core/failure.ts';
import { showPattern } from '../../core/pattern.ts';
import type { Command, Probe, Service } from '../../core/suite.ts';
import type { OutputScanner } from '../output/scanner.ts';
import { type Watch, watchFor } from '../output/watch.ts';
import type { Container } from '../service/container.ts';
import { socketCounts } from '../system/sockets.ts';
import type { NotReady, ProbeAnswer } from './answer.ts';
import { lookAtFile } from './files.ts';
import { GrpcLooks } from './grpc.ts';
import { HttpLooks, type Questioned } from './http.ts';
import { PortLooks } from './port.ts';
import { UnixLooks } from './unix.ts';

/** A condition that is not made of others. */
type SingleProbe = Exclude<Probe, { type: 'all' | 'any' }>;

/** What probes may check. */
export interface ProbeSubject extends Questioned {
  readonly port: number | null;
  readonly scanner: OutputScanner;
  /** Runs a command beside the service, for at most `limit` milliseconds. */
  readonly execute: (command: Command, limit: number, signal: AbortSignal) => Promise<ProbeAnswer>;
  /** The container that it runs in, if it does. */
  readonly container?: Pick<Container, 'listens' | 'health' | 'isOnHost'> | undefined;
}

const SHORTEST_WAIT = 1;
const LONGEST_WAIT = 25;
/** The wait between two looks as a fraction of the time waited so far, which bounds the relative delay of noticing. */
const WAITED_PART = 1 / 50;
/**
 * The same once a server has answered, since each look is then a request in its log; and the longest such wait. This
 * makes some dozens of requests a minute instead of forty a second.
 */
const HEARD_PART = 1 / 10;
const LONGEST_HEARD_WAIT = 500;
/** The same for the socket counters, which cost next to nothing to read. */
const SIGN_PART = 1 / 1000;

const logWatchName = (probe: Extract<Probe, { type: 'log' }>): string =>
  `ready ${showPattern(probe.pattern)}`;

/** The conditions that a probe is made of. */
export function singleProbes(probe: Probe): SingleProbe[] {
  return probe.type === 'all' || probe.type === 'any' ? probe.probes.flatMap(singleProbes) : [probe];
}

/** What to watch for in a service's output, so that log probes can answer. */
export function logWatches(probe: Probe): Watch[] {
  return singleProbes(probe).flatMap((single) =>
    single.type === 'log' ? [watchFor(logWatchName(single), single.pattern)] : [],
  );
}

/** The ports that a probe checks, `own` being the service's. */
export function probedPorts(probe: Probe, own: number | null): number[] {
  return singleProbes(probe).flatMap((single) => {
    if ((single.type !== 'port' && single.type !== 'http') || ('unix' in single && single.unix !== undefined))
      return [];
    const port = single.port ?? own;
    return port === null ? [] : [port];
  });
}

/** The address at which a service is asked on its own port; undefined: localhost. */
export const hostOf = ({ ready }: Pick<Service, 'ready'>): string | undefined =>
  singleProbes(ready).flatMap((single) =>
    (single.type === 'port' || single.type === 'http') &&
    single.port === undefined &&
    single.host !== undefined
      ? [single.host]
      : [],
  )[0];

/** Checks one condition once; `tell` hears what is missing while that lasts. */
export type Look = (signal: AbortSignal, tell: (why: string) => void) => Promise<ProbeAnswer> | ProbeAnswer;

/** How one condition is checked repeatedly. */
function looksAt(probe: SingleProbe, subject: ProbeSubject): Look {
  const { scanner, cwd } = subject;
  switch (probe.type) {
    case 'port':
    case 'http': {
      const isUnix = probe.type === 'http' && probe.unix !== undefined;
      const port = isUnix ? null : (probe.port ?? subject.port);
      if (probe.type === 'http' && (isUnix || port !== null)) {
        const looks = new HttpLooks(probe, port, subject);
        return (signal, tell) => looks.look(signal, tell);
      }
      if (port === null) return () => ({ ready: false, why: 'the service has no port to check' });
      const { container } = subject;
      if (container !== undefined && !container.isOnHost && port === subject.port)
        return () => container.listens();
      const looks = new PortLooks(port, probe.host);
      return () => looks.look();
    }
    case 'grpc': {
      const { port } = subject;
      if (port === null) return () => ({ ready: false, why: 'the service has no port to check' });
      const looks = new GrpcLooks(probe, port, subject);
      return (signal) => looks.look(signal);
    }
    case 'unix': {
      const looks = new UnixLooks(probe.path, cwd, subject.filesBefore);
      return () => looks.look();
    }
    case 'log': {
      const shown = showPattern(probe.pattern);
      const why = (): string =>
        scanner.givenUp().includes(shown)
          ? `${shown} took too long on its output and was given up`
          : `its output does not contain ${shown}`;
      return () => (scanner.saw(logWatchName(probe)) ? { ready: true } : { ready: false, why: why() });
    }
    case 'healthy': {
      const { container } = subject;
      return () => container?.health() ?? { ready: false, why: 'it runs in no container' };
    }
    case 'file':
      return () => lookAtFile(probe.path, cwd, subject.filesBefore);
    case 'exec': {
      let limit: number = probe.timeout;
      return async (signal) => {
        const answer = await subject.execute(probe.command, limit, signal);
        // Otherwise a command that always needs longer than its limit would never succeed.
        if (!answer.ready && answer.isHung === true) limit *= 2;
        return answer;
      };
    }
  }
}

const NEVER: NotReady = { ready: false, why: 'it was never checked' };

/** Combines the answers to single conditions. */
function combine(probe: Probe, answers: ReadonlyMap<SingleProbe, ProbeAnswer>): ProbeAnswer {
  if (probe.type !== 'all' && probe.type !== 'any') return answers.get(probe) ?? NEVER;
  const parts = probe.probes.map((part) => combine(part, answers));
  const lacking = parts.flatMap((part) => (part.ready ? [] : [part]));
  if (lacking.length === 0 || (probe.type === 'any' && lacking.length < parts.length)) return { ready: true };
  const looked = lacking.filter((part) => part !== NEVER);
  // Of `all`, one failing condition decides; of `any`, one that could not be checked may have held.
  const unseen = looked.find(({ trouble }) => trouble !== undefined);
  const seen = looked.find(({ trouble }) => trouble === undefined);
  if (probe.type === 'all') return seen ?? unseen ?? NEVER;
  return { ...(unseen ?? seen ?? NEVER), why: lacking.map(({ why }) => why).join('; ') };
}

/** Waits at least as long as the last look took, or, where nothing listened, for one more socket in the kernel. */
async function pause(
  answer: ProbeAnswer,
  waited: number,
  lookTook: number,
  signal: AbortSignal,
): Promise<void> {
  const counts = !answer.ready && answer.isUnheard === true ? socketCounts() : '';
  const regular = counts === '' ? waitAfter(answer, waited) : LONGEST_WAIT;
  const until = performance.now() + Math.max(regular, lookTook);
  await delay(counts === '' ? Math.max(regular, lookTook) : Math.max(SHORTEST_WAIT, lookTook), undefined, {
    signal,
  });
  for (let left = until - performance.now(); left > 0; left = until - performance.now()) {
    if (socketCounts() !== counts) return;
    await delay(Math.min(clamp(waited * SIGN_PART), left), undefined, { signal });
  }
}

const clamp = (wait: number): number => Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, wait));

/**
 * How long to wait before the next look.
 *
 * @param waited milliseconds since the first look, or since the first answer once there was one
 * @returns milliseconds
 */
export function waitAfter(answer: ProbeAnswer, waited: number): number {
  if (answer.ready || answer.isHeard !== true) return clamp(waited * WAITED_PART);
  return Math.min(LONGEST_HEARD_WAIT, Math.max(SHORTEST_WAIT, waited * HEARD_PART));
}

/** One look; where the machine is in trouble, that is the answer. */
async function lookInTrouble(...[look, signal, tell]: [Look, ...Parameters<Look>]): Promise<ProbeAnswer> {
  try {
    return await look(signal, tell);
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble === undefined) throw error;
    return { ready: false, why: trouble.cause, trouble };
  }
}

/** Checks one condition until the signal aborts, even once it holds, since others may not yet. */
async function lookOnAndOn(
  look: Look,
  signal: AbortSignal,
  onAnswer: (answer: ProbeAnswer) => void,
  interval?: number,
): Promise<void> {
  const startedAt = performance.now();
  /** When the first answer came. */
  let heardAt: number | undefined;
  let wasReady = false;
  const tell = (why: string): void => {
    if (!wasReady) onAnswer({ ready: false, why });
  };
  while (!signal.aborted) {
    const lookedAt = performance.now();
    const answer = await lookInTrouble(look, signal, tell);
    if (signal.aborted) return;
    wasReady = answer.ready;
    onAnswer(answer);
    if (interval !== undefined) {
      await delay(interval, undefined, { signal }).catch(() => {});
      continue;
    }
    const now = performance.now();
    if (!answer.ready && answer.isHeard === true) heardAt ??= lookedAt;
    // A hung command is not a reason to wait: it was idle all that time.
    const isHung = !answer.ready && answer.isHung === true;
    await pause(answer, now - (heardAt ?? startedAt), isHung ? 0 : now - lookedAt, signal).catch(() => {});
  }
}

/** Checks one condition, as often as a probe would, until it holds. @returns false when the signal came first */
export async function untilHolds(
  look: Look,
  signal: AbortSignal,
  onAnswer: (answer: ProbeAnswer) => void,
): Promise<boolean> {
  const enough = new AbortController();
  let holds = false;
  await lookOnAndOn(look, AbortSignal.any([signal, enough.signal]), (answer) => {
    onAnswer(answer);
    holds = answer.ready;
    if (holds) enough.abort();
  });
  return holds;
}

/**
 * Looks until a probe is ready: after 1 ms first, then less and less often, at least every 25 ms (twice a second once a
 * server answers, to keep its log short), and never more closely than looks take. Conditions are checked independently,
 * so that a slow one delays no other.
 *
 * @param signal ends the wait
 * @param onAnswer called with each answer, so that a timeout can say what was still missing
 * @returns whether it became ready; false when the signal came first
 */
export async function untilReady(
  probe: Probe,
  subject: ProbeSubject,
  signal: AbortSignal,
  onAnswer: (answer: ProbeAnswer) => void,
): Promise<boolean> {
  const answers = new Map<SingleProbe, ProbeAnswer>();
  const enough = new AbortController();
  const ended = AbortSignal.any([signal, enough.signal]);
  return new Promise((resolve, reject) => {
    const all = singleProbes(probe).map((single) =>
      lookOnAndOn(
        looksAt(single, subject),
        ended,
        (answer) => {
          answers.set(single, answer);
          const whole = combine(probe, answers);
          onAnswer(whole);
          if (!whole.ready) return;
          resolve(true);
          // Resume whatever waits for the service first; cancel the other looks after that.
          setImmediate(() => enough.abort());
        },
        'interval' in single ? single.interval : undefined,
      ),
    );
    Promise.all(all).then(() => resolve(false), reject);
  });
}
