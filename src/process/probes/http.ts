import type { Clock } from '../../core/clock.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import type { Probe } from '../../core/suite.ts';
import { hasProcessTable } from '../system/proc.ts';
import { firstListeningLoopback, listeningLoopback } from '../system/sockets.ts';
import type { ProbeAnswer } from './answer.ts';
import { AnswerReader } from './answer-reader.ts';
import type { Answer, Exchanges } from './exchanges.ts';

export type HttpProbe = Extract<Probe, { type: 'http' }>;

const BOTH = ['127.0.0.1', '::1'] as const;
/** In milliseconds. Without a known listener a connection may still be redirected: that is tried this rarely. */
const TRY_EVERY = 250;

const SILENT: Answer = { type: 'failure', why: 'accepted the connection but did not answer' };

export interface Questioned {
  readonly clock: Clock;
  readonly exchanges: Exchanges;
  /** Called when a server has accepted a connection and is about to answer: a good time for other work. */
  readonly onAsked?: () => void;
}

/** Checks a server over HTTP, once per look. */
export class HttpLooks {
  readonly #probe: HttpProbe;
  readonly #port: number;
  readonly #subject: Questioned;
  #triedAt = Number.NEGATIVE_INFINITY;
  /** A late answer counts as well, even when the request has been repeated since. */
  #isAccepted = false;
  /** Something listened, and was sent a request. */
  #wasHeard = false;
  #wasAnswered = false;

  constructor(probe: HttpProbe, port: number, subject: Questioned) {
    this.#probe = probe;
    this.#port = port;
    this.#subject = subject;
    // Its first use takes half a millisecond longer: better while nobody waits.
    new AnswerReader().push(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  }

  /**
   * One look: a request, repeated on a new connection after twice the wait each time as long as nobody answers. The
   * server may have lost the first one, or be slow.
   *
   * @param signal ends the look; open requests stay open
   * @param tell told what is still missing while the look lasts
   */
  async look(signal: AbortSignal, tell: (why: string) => void): Promise<ProbeAnswer> {
    if (this.#isAccepted) return { ready: true };
    const hosts = this.#hosts();
    if (hosts.length === 0)
      return { ready: false, why: `port ${this.#port} refused the connection`, isUnheard: true };
    const asked: Promise<ProbeAnswer>[] = [];
    for (let patience: number = this.#probe.timeout; !signal.aborted; patience *= 2) {
      asked.push(this.#question(asked.length === 0 ? hosts : this.#hosts(), tell));
      const wait = new AbortController();
      const disarm = this.#subject.clock.after(patience, () => wait.abort(), false);
      const answer = await untilAborted(Promise.race(asked), AbortSignal.any([signal, wait.signal]));
      disarm();
      if (this.#isAccepted) return { ready: true };
      if (answer !== undefined) return answer;
      tell(this.#explain([SILENT]));
    }
    return { ready: false, why: 'the wait was cut short' };
  }

  #hosts(): readonly string[] {
    if (!hasProcessTable) return BOTH;
    const first = firstListeningLoopback(this.#port);
    // Most servers listen on one address; the others matter only if that one does not give the right answer.
    if (first !== undefined) {
      const hosts = this.#wasHeard ? listeningLoopback(this.#port) : [first];
      this.#wasHeard = true;
      return hosts;
    }
    const now = performance.now();
    if (now - this.#triedAt < TRY_EVERY) return [];
    this.#triedAt = now;
    return BOTH;
  }

  /** One family may accept and stay silent while the other answers: the first good answer counts. */
  #question(hosts: readonly string[], tell: (why: string) => void): Promise<ProbeAnswer> {
    const { path, status } = this.#probe;
    const answers: Answer[] = [];
    return new Promise((resolve) => {
      const onAsked = (): void => {
        if (!this.#wasAnswered) tell(this.#explain([SILENT]));
        this.#subject.onAsked?.();
      };
      for (const host of hosts) {
        void this.#subject.exchanges.ask(host, this.#port, path, onAsked).then((answer) => {
          answers.push(answer);
          this.#wasAnswered = true;
          if (answer.type === 'status' && answer.status >= status.from && answer.status <= status.to) {
            this.#isAccepted = true;
            resolve({ ready: true });
          } else if (answers.length === hosts.length) resolve(this.#notReady(answers));
          else if (answer.type === 'status') tell(this.#explain(answers));
        });
      }
    });
  }

  #notReady(answers: readonly Answer[]): ProbeAnswer {
    const status = statusOf(answers);
    const trouble = answers.find((answer) => answer.type === 'trouble')?.trouble;
    if (status === undefined && trouble !== undefined) return { ready: false, why: trouble.cause, trouble };
    const isHeard = answers.some(({ type }) => type === 'status' || type === 'failure');
    return {
      ready: false,
      why: this.#explain(answers),
      isHeard,
      ...(status === undefined ? {} : { status }),
    };
  }

  /** The most informative reason: a status, else anything but a refusal or an error. */
  #explain(answers: readonly Answer[]): string {
    const status = statusOf(answers);
    if (status !== undefined) return `GET ${this.#probe.path} on port ${this.#port} answered ${status}`;
    const whys = answers.flatMap((answer) => (answer.type === 'failure' ? [answer.why] : []));
    const isRefused = answers.some(({ type }) => type === 'refused');
    // An address family that the machine lacks gives an error.
    const telling = whys.find((why) => !why.startsWith('gave an error')) ?? (isRefused ? undefined : whys[0]);
    return `port ${this.#port} ${telling ?? 'refused the connection'}`;
  }
}

const statusOf = (answers: readonly Answer[]): number | undefined =>
  answers.flatMap((answer) => (answer.type === 'status' ? [answer.status] : []))[0];
