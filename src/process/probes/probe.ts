/** Readiness conditions: what each looks at, how often, and how they combine. */
import { setTimeout as delay } from 'node:timers/promises';
import { troubleOf } from '../../core/failure.ts';
import { showPattern } from '../../core/pattern.ts';
import type { Command, Probe } from '../../core/suite.ts';
import type { OutputScanner } from '../output/scanner.ts';
import { type Watch, watchFor } from '../output/watch.ts';
import { socketCounts } from '../system/sockets.ts';
import type { NotReady, ProbeAnswer } from './answer.ts';
import { type FilesBefore, lookAtFile } from './files.ts';
import { HttpLooks, type Questioned } from './http.ts';
import { PortLooks } from './port.ts';

/** A condition that is not made of others. */
type SingleProbe = Exclude<Probe, { type: 'all' | 'any' }>;

/** What probes may look at. */
export interface ProbeSubject extends Questioned {
  readonly port: number | null;
  readonly cwd: string;
  readonly scanner: OutputScanner;
  readonly filesBefore: FilesBefore;
  /**
   * Runs a command beside the service and tells what it says.
   *
   * @param limit milliseconds after which it is ended
   */
  readonly execute: (command: Command, limit: number, signal: AbortSignal) => Promise<ProbeAnswer>;
}

const SHORTEST_WAIT = 1;
const LONGEST_WAIT = 25;
/** The wait between two looks, as a part of the time waited so far: nobody is found ready much later than they are. */
const WAITED_PART = 1 / 50;
/**
 * The same where a server has answered, since each look is a request in its log; and what a wait there is at most. So it is asked
 * some dozens of times a minute, and not forty times a second.
 */
const HEARD_PART = 1 / 10;
const LONGEST_HEARD_WAIT = 500;
/** The same for a sign that a look is worth while, which costs next to nothing. */
const SIGN_PART = 1 / 1000;

const logWatchName = (probe: Extract<Probe, { type: 'log' }>): string =>
  `ready ${showPattern(probe.pattern)}`;

/** The conditions that one is made of. */
export function singleProbes(probe: Probe): SingleProbe[] {
  return probe.type === 'all' || probe.type === 'any' ? probe.probes.flatMap(singleProbes) : [probe];
}

/** What a service's output must be watched for, so that its log probes can answer. */
export function logWatches(probe: Probe): Watch[] {
  return singleProbes(probe).flatMap((single) =>
    single.type === 'log' ? [watchFor(logWatchName(single), single.pattern)] : [],
  );
}

/** The ports that a probe looks at, `own` being the service's. */
export function probedPorts(probe: Probe, own: number | null): number[] {
  return singleProbes(probe).flatMap((single) => {
    if (single.type !== 'port' && single.type !== 'http') return [];
    const port = single.port ?? own;
    return port === null ? [] : [port];
  });
}

type Look = (signal: AbortSignal, tell: (why: string) => void) => Promise<ProbeAnswer> | ProbeAnswer;

/** How one condition is looked at, again and again. */
function looksAt(probe: SingleProbe, subject: ProbeSubject): Look {
  const { scanner, cwd } = subject;
  switch (probe.type) {
    case 'port':
    case 'http': {
      const port = probe.port ?? subject.port;
      if (port === null) return () => ({ ready: false, why: 'the service has no port to look at' });
      const looks = probe.type === 'port' ? new PortLooks(port) : new HttpLooks(probe, port, subject);
      return (signal, tell) => looks.look(signal, tell);
    }
    case 'log': {
      const shown = showPattern(probe.pattern);
      const why = (): string =>
        scanner.givenUp().includes(shown)
          ? `${shown} took too long on its output and was given up`
          : `its output does not contain ${shown}`;
      return () => (scanner.saw(logWatchName(probe)) ? { ready: true } : { ready: false, why: why() });
    }
    case 'file':
      return () => lookAtFile(probe.path, cwd, subject.filesBefore);
    case 'exec': {
      let limit: number = probe.timeout;
      return async (signal) => {
        const answer = await subject.execute(probe.command, limit, signal);
        // A command that always needs longer than it gets would never be heard.
        if (!answer.ready && answer.isHung === true) limit *= 2;
        return answer;
      };
    }
  }
}

const NEVER: NotReady = { ready: false, why: 'it was never checked' };

/** What the answers to single conditions say of the whole. */
function combine(probe: Probe, answers: ReadonlyMap<SingleProbe, ProbeAnswer>): ProbeAnswer {
  if (probe.type !== 'all' && probe.type !== 'any') return answers.get(probe) ?? NEVER;
  const parts = probe.probes.map((part) => combine(part, answers));
  const lacking = parts.flatMap((part) => (part.ready ? [] : [part]));
  if (lacking.length === 0 || (probe.type === 'any' && lacking.length < parts.length)) return { ready: true };
  const looked = lacking.filter((part) => part !== NEVER);
  // Of all, one that does not hold is enough; of any, one that nobody could look at may have held.
  const unseen = looked.find(({ trouble }) => trouble !== undefined);
  const seen = looked.find(({ trouble }) => trouble === undefined);
  if (probe.type === 'all') return seen ?? unseen ?? NEVER;
  return { ...(unseen ?? seen ?? NEVER), why: lacking.map(({ why }) => why).join('; ') };
}

/**
 * Waits until it is time for the next look: not sooner than the last one took. Where nobody listened yet, as soon as the
 * kernel has one more socket.
 */
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
 * How long the next look waits.
 *
 * @param waited milliseconds since the first look, or since the first answer where there has been one
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

/** Looks at one condition until the signal comes; also when it holds, since others may not yet. */
async function lookOnAndOn(
  look: Look,
  signal: AbortSignal,
  onAnswer: (answer: ProbeAnswer) => void,
): Promise<void> {
  const startedAt = performance.now();
  /** When somebody answered for the first time. */
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
    const now = performance.now();
    if (!answer.ready && answer.isHeard === true) heardAt ??= lookedAt;
    // Whoever hangs does nothing for all that time, and has made no room for others by it.
    const isHung = !answer.ready && answer.isHung === true;
    await pause(answer, now - (heardAt ?? startedAt), isHung ? 0 : now - lookedAt, signal).catch(() => {});
  }
}

/**
 * Looks until a probe is ready: after 1 ms first, then less and less often, at least every 25 ms (twice a second where a server
 * has answered, whose log would be full of it), and never closer than looks take. Each condition is looked at by itself, so that one that takes long holds up no other.
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
  const answers = new Map<SingleProbe, ProbeAnswer>();
  const enough = new AbortController();
  const ended = AbortSignal.any([signal, enough.signal]);
  return new Promise((resolve, reject) => {
    const all = singleProbes(probe).map((single) =>
      lookOnAndOn(looksAt(single, subject), ended, (answer) => {
        answers.set(single, answer);
        const whole = combine(probe, answers);
        onAnswer(whole);
        if (!whole.ready) return;
        resolve(true);
        // Whoever waits for the service goes on first; the other looks are called off when there is time.
        setImmediate(() => enough.abort());
      }),
    );
    Promise.all(all).then(() => resolve(false), reject);
  });
}
