/** Counts and times iterations, as a recorder does requests. What is due is due for the first request of each as well. */

import { Tally } from '../../tally/tally.ts';
import type { Counted, Ledger } from '../schedule/driver.ts';

export class Iterations implements Ledger {
  readonly warmup = new Tally();
  readonly measured = new Tally();
  readonly #requests: Ledger;

  /** @param requests where requests are counted */
  constructor(requests: Ledger) {
    this.#requests = requests;
  }

  #tally(due: number): Tally {
    return this.isMeasured(due) ? this.measured : this.warmup;
  }

  isMeasured(due: number): boolean {
    return this.#requests.isMeasured(due);
  }

  scheduled(due: number, now: number): void {
    this.#tally(due).scheduled += 1;
    this.#requests.scheduled(due, now);
  }

  neverSent(request: Counted): void {
    this.#tally(request.due).neverSent += 1;
    this.#requests.neverSent(request);
  }

  stillWaiting(request: Counted, count: number, now: number): void {
    this.#tally(request.due).unanswered.record((now - request.due) * 1000, count);
    this.#requests.stillWaiting(request, count, now);
  }

  leftWaiting(request: Counted, now: number): void {
    this.underWay(request.due, now);
    this.#requests.leftWaiting(request, now);
  }

  /** An iteration has ended. */
  ended(due: number, isWell: boolean, now: number): void {
    const tally = this.#tally(due);
    if (isWell) {
      tally.completed += 1;
      tally.response.record((now - due) * 1000);
    } else tally.fail('check');
  }

  /** An iteration has begun, and has not ended at the end of the run. */
  underWay(due: number, now: number): void {
    const tally = this.#tally(due);
    tally.inFlightAtEnd += 1;
    tally.unanswered.record((now - due) * 1000);
  }
}
