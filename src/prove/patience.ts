/** How long a trial may take, and what follows when that was not enough. */
import { type Ms, ms } from '../core/units.ts';
import type { Fault, TrialRecord } from '../kinds/sabotage.ts';

/** How long a trial may take: this many times as long as its control, but at least this many milliseconds. */
interface Patience {
  readonly times: number;
  readonly least: number;
}

/** Generous: the machine may be busier than during the control, and time limits are not under test here. */
const PATIENCE: Patience = { times: 10, least: 60_000 };
/** Shorter: with a fault that hangs, all of that time passes. */
const WITH_A_HANG: Patience = { times: 3, least: 10_000 };

/**
 * @param own the time limit of the component
 * @param controlMs how long its control took, in milliseconds
 */
export function limitOf(fault: Pick<Fault, 'hangs' | 'takes'>, own: Ms, controlMs: number): Ms {
  const { times, least } = fault.hangs ? WITH_A_HANG : PATIENCE;
  return ms(Math.min(own, Math.max(least, times * controlMs) + (fault.takes ?? 0)));
}

/**
 * Whether a trial ended by a limit that is ours, and so has shown nothing: whatever waits for ever under a fault that
 * hangs has shown enough, and so has what was noticed before.
 *
 * @param limit what `limitOf` gave
 */
export const isCutShort = (
  fault: Pick<Fault, 'hangs' | 'isNoticed'>,
  { findings }: Pick<TrialRecord, 'findings'>,
  limit: Ms,
  own: Ms,
): boolean =>
  limit < own &&
  !fault.hangs &&
  findings.some((finding) => finding.code === 'timeout' && finding.limitMs === limit) &&
  !findings.some((finding) => finding.code !== 'timeout' && fault.isNoticed(finding));
