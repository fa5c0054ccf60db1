/** What all connections of a proxy share: what was seen, and when the service is to be killed. */
import type { HttpFault, ProxyReport } from '../../core/http-fault.ts';
import type { Faults } from './faults.ts';
import type { Survey } from './survey.ts';

/** If there are more answers, only every second, fourth, … is kept. */
const MOST_TIMES = 8192;

/** The median of numbers that arrive one by one. */
class Times {
  #kept: number[] = [];
  #every = 1;
  #count = 0;

  add(ms: number): void {
    this.#count += 1;
    if (this.#count % this.#every !== 0) return;
    this.#kept.push(ms);
    if (this.#kept.length < MOST_TIMES) return;
    this.#kept = this.#kept.filter((_, index) => index % 2 === 0);
    this.#every *= 2;
  }

  get median(): number | null {
    const sorted = this.#kept.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? null;
  }
}

export class Traffic {
  connections = 0;
  requests = 0;
  answers = 0;
  malformed = 0;
  readonly opaque = { tls: 0, http2: 0, upgrades: 0 };
  readonly times = new Times();
  /** The local ports of connections to the service. */
  readonly ports = new Set<number>();
  trouble: string | null = null;
  /** Whether the service is being killed: nothing that it still sends is passed on. */
  isDying = false;
  readonly #faults: Faults;
  readonly #survey: Survey;
  /** After how many answers it is to be killed; null: not at all. */
  readonly #deathAfter: number | null;
  readonly #deathIndex: number;
  readonly #onDie: () => void;
  #ended = 0;

  constructor(all: readonly HttpFault[], faults: Faults, survey: Survey, onDie: () => void) {
    this.#faults = faults;
    this.#survey = survey;
    this.#onDie = onDie;
    this.#deathIndex = all.findIndex(({ type }) => type === 'die');
    const death = all[this.#deathIndex];
    this.#deathAfter = death?.type === 'die' ? death.after : null;
  }

  requested(): void {
    this.requests += 1;
    this.#considerDeath();
  }

  /** An answer was passed on to its end. */
  answerEnded(): void {
    this.#ended += 1;
    this.#considerDeath();
  }

  /** It is killed when a request is waiting for its answer: after the last one nobody would notice. */
  #considerDeath(): void {
    if (this.#deathAfter === null || this.isDying || this.#ended < this.#deathAfter) return;
    if (this.requests <= this.#ended) return;
    this.isDying = true;
    this.#faults.happened([{ index: this.#deathIndex, fault: { type: 'die', after: this.#deathAfter } }]);
    this.#onDie();
  }

  /** @param changedFields the values in JSON that were changed */
  report(changedFields: readonly string[]): Omit<ProxyReport, 'bypassed'> {
    const { connections, requests, answers, malformed, opaque } = this;
    const { changed, changedBy } = this.#faults;
    const { seen, isCut: isSeenCut, alternatives } = this.#survey;
    const medianMs = this.times.median;
    return {
      connections,
      requests,
      answers,
      changed,
      changedBy,
      changedFields,
      opaque,
      malformed,
      medianMs,
      seen,
      isSeenCut,
      alternatives,
    };
  }
}
