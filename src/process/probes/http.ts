import { resolve } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import { hasProcessTable } from '../system/proc.ts';
import { firstListeningLoopback, listeningLoopback, listensAt } from '../system/sockets.ts';
import type { NotReady, ProbeAnswer } from './answer.ts';
import { AnswerReader } from './answer-reader.ts';
import type { Answer, Exchanges } from './exchanges.ts';
import { type FilesBefore, lookAtFile } from './files.ts';
import { type Endpoint, type HttpProbe, methodOf } from './request.ts';

const BOTH = ['127.0.0.1', '::1'] as const;
/** In milliseconds. Without a known listener a connection may still be redirected: that is tried this rarely. */
const TRY_EVERY = 250;

const SILENT: Answer = { type: 'failure', why: 'accepted the connection but did not answer' };

export interface Questioned {
  readonly clock: Clock;
  readonly exchanges: Exchanges;
  readonly cwd: string;
  readonly filesBefore: FilesBefore;
  /** Called when a server has accepted a connection and is about to answer: a good time for other work. */
  readonly onAsked?: () => void;
}

/** Checks a server over HTTP, once per look. */
export class HttpLooks {
  readonly #probe: HttpProbe;
  /** Null for a socket in the file system. */
  readonly #port: number | null;
  readonly #subject: Questioned;
  #triedAt = Number.NEGATIVE_INFINITY;
  /** A late answer counts as well, even when the request has been repeated since. */
  #isAccepted = false;
  /** Something listened, and was sent a request. */
  #wasHeard = false;
  #wasAnswered = false;

  constructor(probe: HttpProbe, port: number | null, subject: Questioned) {
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
    const places = this.#places();
    if (!Array.isArray(places)) return places;
    if (places.length === 0)
      return { ready: false, why: `${this.#where} refused the connection`, isUnheard: this.#port !== null };
    const asked: Promise<ProbeAnswer>[] = [];
    for (let patience: number = this.#probe.timeout; !signal.aborted; patience *= 2) {
      const again = asked.length === 0 ? places : this.#places();
      asked.push(this.#question(Array.isArray(again) && again.length > 0 ? again : places, tell));
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

  /** Where it can be asked now; why it cannot yet. */
  #places(): Endpoint[] | NotReady {
    const { unix } = this.#probe;
    const port = this.#port;
    if (unix !== undefined) {
      const file = lookAtFile(unix, this.#subject.cwd, this.#subject.filesBefore);
      return file.ready ? [{ path: resolve(this.#subject.cwd, unix) }] : file;
    }
    return port === null ? [] : this.#hosts(port).map((host) => ({ host, port }));
  }

  /** How messages call the place. */
  get #where(): string {
    const { unix, host } = this.#probe;
    if (unix !== undefined) return `the socket ${unix}`;
    return host === undefined ? `port ${this.#port}` : `port ${this.#port} of ${host}`;
  }

  #hosts(port: number): readonly string[] {
    const { host } = this.#probe;
    if (host !== undefined) return !hasProcessTable || listensAt(port, host) || this.#mayTry() ? [host] : [];
    if (!hasProcessTable) return BOTH;
    const first = firstListeningLoopback(port);
    // Most servers listen on one address; the others matter only if that one does not give the right answer.
    if (first !== undefined) {
      const hosts = this.#wasHeard ? listeningLoopback(port) : [first];
      this.#wasHeard = true;
      return hosts;
    }
    return this.#mayTry() ? BOTH : [];
  }

  #mayTry(): boolean {
    const now = performance.now();
    if (now - this.#triedAt < TRY_EVERY) return false;
    this.#triedAt = now;
    return true;
  }

  /** One family may accept and stay silent while the other answers: the first good answer counts. */
  #question(places: readonly Endpoint[], tell: (why: string) => void): Promise<ProbeAnswer> {
    const { status } = this.#probe;
    const answers: Answer[] = [];
    return new Promise((settle) => {
      const onAsked = (): void => {
        if (!this.#wasAnswered) tell(this.#explain([SILENT]));
        this.#subject.onAsked?.();
      };
      for (const place of places) {
        void this.#subject.exchanges.ask(place, this.#probe, onAsked).then((answer) => {
          answers.push(answer);
          this.#wasAnswered = true;
          if (answer.type === 'status' && answer.status >= status.from && answer.status <= status.to) {
            this.#isAccepted = true;
            settle({ ready: true });
          } else if (answers.length === places.length) settle(this.#notReady(answers));
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
    if (status !== undefined)
      return `${methodOf(this.#probe)} ${this.#probe.path} on ${this.#where} answered ${status}`;
    const whys = answers.flatMap((answer) => (answer.type === 'failure' ? [answer.why] : []));
    const isRefused = answers.some(({ type }) => type === 'refused');
    // An address family that the machine lacks gives an error.
    const telling = whys.find((why) => !why.startsWith('gave an error')) ?? (isRefused ? undefined : whys[0]);
    return `${this.#where} ${telling ?? 'refused the connection'}`;
  }
}

const statusOf = (answers: readonly Answer[]): number | undefined =>
  answers.flatMap((answer) => (answer.type === 'status' ? [answer.status] : []))[0];
