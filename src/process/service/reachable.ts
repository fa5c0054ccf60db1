/** Whether a service can be reached that is already there, on this machine or another one. */
import { connect } from 'node:net';
import { withoutCredentials } from '../../core/address.ts';
import type { Clock } from '../../core/clock.ts';
import type { Finding } from '../../core/finding.ts';
import { untilAborted } from '../../core/stop-reason.ts';
import type { Probe, SharedExternal } from '../../core/suite.ts';
import { formatDuration } from '../../core/units.ts';
import type { NotReady, ProbeAnswer } from '../probes/answer.ts';
import { Exchanges } from '../probes/exchanges.ts';
import { untilHolds } from '../probes/probe.ts';
import { type HttpProbe, methodOf } from '../probes/request.ts';

/** In milliseconds: how long a connection may take before another one is tried. */
const CONNECT_WITHIN = 2000;

type Place = SharedExternal['address'];

interface Asking {
  readonly clock: Clock;
  readonly version: string;
  /** Aborts when the wait is cut short. */
  readonly signal: AbortSignal;
  readonly hurry: AbortSignal;
}

/** Asks politely: as if it had answered, that is twice a second before long. */
const notYet = (why: string): NotReady => ({ ready: false, why, isHeard: true });

const ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name does not resolve, for the moment',
  ENETUNREACH: 'there is no network to it',
  EHOSTUNREACH: 'there is no way to it',
};

const describe = ({ code = '', message }: NodeJS.ErrnoException): string => ERRORS[code] ?? message;

class Looks {
  readonly #place: Place;
  readonly #asking: Asking;
  readonly #exchanges: Exchanges;
  /** How long to wait for an answer, by the condition. Doubled for one that keeps silent. */
  readonly #patience = new Map<Probe, number>();

  constructor(place: Place, asking: Asking) {
    this.#place = place;
    this.#asking = asking;
    this.#exchanges = new Exchanges(asking.clock, `shakedown/${asking.version}`);
  }

  async look(probe: Probe, signal: AbortSignal): Promise<ProbeAnswer> {
    switch (probe.type) {
      case 'all':
      case 'any': {
        const answers = await Promise.all(probe.probes.map((each) => this.look(each, signal)));
        const lacking = answers.flatMap((answer) => (answer.ready ? [] : [answer]));
        const isMet = probe.type === 'any' ? lacking.length < answers.length : lacking.length === 0;
        return isMet ? { ready: true } : (lacking[0] ?? notYet('it was never checked'));
      }
      case 'http':
        return this.#ask(probe, signal);
      default:
        return this.#connect(signal);
    }
  }

  async #ask(probe: HttpProbe, signal: AbortSignal): Promise<ProbeAnswer> {
    const patience = this.#patience.get(probe) ?? probe.timeout;
    const limit = AbortSignal.any([signal, this.#asking.clock.timeout(patience)]);
    const answer = await untilAborted(this.#exchanges.ask(this.#place, probe), limit);
    const asked = `${methodOf(probe)} ${probe.path}`;
    if (answer === undefined) {
      this.#patience.set(probe, 2 * patience);
      return notYet(`${asked} got no answer`);
    }
    if (answer.type === 'refused') return notYet(ERRORS.ECONNREFUSED ?? '');
    if (answer.type === 'trouble') return { ...notYet(answer.trouble.cause), trouble: answer.trouble };
    if (answer.type === 'failure') return notYet(ERRORS[answer.code ?? ''] ?? `it ${answer.why}`);
    const { from, to } = probe.status;
    return answer.status >= from && answer.status <= to
      ? { ready: true }
      : notYet(`${asked} answered ${answer.status}`);
  }

  #connect(signal: AbortSignal): Promise<ProbeAnswer> {
    const { host, port } = this.#place;
    const limit = AbortSignal.any([signal, this.#asking.clock.timeout(CONNECT_WITHIN)]);
    return new Promise((resolve) => {
      const socket = connect({ host, port, signal: limit });
      socket.once('connect', () => {
        resolve({ ready: true });
        socket.destroy();
      });
      socket.once('error', (error) =>
        resolve(notYet(limit.aborted ? 'nothing accepts a connection' : describe(error))),
      );
    });
  }

  close(): Promise<void> {
    this.#exchanges.finish();
    return this.#exchanges.close(this.#asking.hurry);
  }
}

/**
 * Waits until a service can be reached, for as long as it may take to be ready.
 *
 * @returns why it cannot be; undefined when it can, or when the wait was cut short
 */
export async function awaitReachable(
  { name, url, address, ready, readyTimeout }: SharedExternal,
  asking: Asking,
): Promise<Finding | undefined> {
  const { clock, signal } = asking;
  const looks = new Looks(address, asking);
  let last = notYet('it was never checked');
  const onAnswer = (answer: ProbeAnswer): void => {
    if (!answer.ready) last = answer;
  };
  const limit = AbortSignal.any([signal, clock.timeout(readyTimeout)]);
  const isReachable = await untilHolds((until) => looks.look(ready, until), limit, onAnswer);
  await looks.close();
  if (isReachable || signal.aborted) return undefined;
  const place = withoutCredentials(url);
  return {
    code: 'not-ready',
    step: name,
    message: `${name} could not be reached at ${place} within ${formatDuration(readyTimeout)}: ${last.why}`,
    hint: `--use ${name}=${place} says that it is there already: start it, correct the URL, or leave out --use to have it started`,
    waitedMs: readyTimeout,
  };
}
