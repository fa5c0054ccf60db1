/** An attempt that uses services of the suite: it ends if one of them fails, and that is then the reason. */
import type { Finding } from '../../core/finding.ts';
import type { StopReason } from '../../core/stop-reason.ts';
import { isLeak, toldMeanwhile } from '../../kinds/common/meanwhile.ts';
import { verdictOf } from '../../kinds/index.ts';
import type { Broken, Lease } from './pool.ts';

/** When a client fails, its server has often just crashed. Milliseconds to wait for that to become visible. */
const CRASH_VISIBLE_WITHIN = 150;

export class LeaseUser {
  readonly lease: Lease;
  /** Aborts, with a `StopReason`, when the attempt is to end. */
  readonly stop: AbortSignal;
  #broken: Broken | undefined;

  /** @param stop aborts when the attempt is to end for another reason */
  constructor(lease: Lease, stop: AbortSignal) {
    this.lease = lease;
    const obsolete = new AbortController();
    this.stop = AbortSignal.any([stop, obsolete.signal]);
    void lease.broken.then((broken) => {
      this.#broken = broken;
      const because = `${broken.finding.step ?? 'a service'} failed`;
      obsolete.abort({ type: 'obsolete', because } satisfies StopReason);
    });
  }

  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /**
   * @param findings of the attempt, which has ended
   * @returns what to report: if a service has failed, that, and not its effects
   */
  async explain(findings: readonly Finding[]): Promise<Finding[]> {
    if (verdictOf(findings) === 'failed') await this.lease.settle(CRASH_VISIBLE_WITHIN);
    if (this.#broken === undefined) return toldMeanwhile(findings, this.lease.meanwhile(), verdictOf);
    const broken = await this.lease.causeOf(this.#broken, CRASH_VISIBLE_WITHIN);
    await broken.ended;
    return [broken.finding, ...findings.filter(isLeak)];
  }
}
