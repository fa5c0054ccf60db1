/** From what a run came to, to the result of its load. */
import type { TargetSample } from '../core/load.ts';
import { type AgentFate, judgeMerged, measuredAtAbort, mergeReports, type Told } from '../load/index.ts';
import type { ClusterRun } from './client.ts';
import type { RunOutcome } from './protocol.ts';

export type Judged = Awaited<ReturnType<typeof judgeMerged>>;

export interface Judging {
  /** Shakedown's version. */
  readonly version: string;
  /** Who has stopped it, for people, where that is known better than by the run itself. */
  readonly interruptedBy?: string | undefined;
  /** Of a target that was told to leave: when. */
  readonly told?: Told | undefined;
  /** Of the target's processes, where this machine has them. */
  readonly samples?: readonly TargetSample[];
}

/** Judges a run once, by what of it is known. */
export function judged(
  { plan, agents }: Pick<ClusterRun, 'plan' | 'agents'>,
  outcome: Exclude<RunOutcome, { type: 'refused' }>,
  { version, samples = [], interruptedBy: known, told }: Judging,
): Promise<Judged> {
  const stoppedBy = outcome.type === 'given-up' ? null : outcome.stoppedBy;
  const circumstances = { version, samples, told, interruptedBy: known ?? stoppedBy ?? undefined };
  if (outcome.type !== 'measured') {
    const { why } = outcome;
    const fate = outcome.type === 'not-begun' ? 'missing' : 'lost';
    const fates = Array.from({ length: agents }, (_, part): AgentFate => {
      return { part, name: `agent ${part + 1}`, cores: null, fate, why };
    });
    return judgeMerged(plan, mergeReports([]), fates, { ...circumstances, measuredAtAbort: undefined });
  }
  const { merged, atAbort } = outcome;
  const fates = outcome.agents.map(({ why, ...fate }) => ({ ...fate, ...(why === null ? {} : { why }) }));
  return judgeMerged(
    plan,
    merged,
    fates,
    atAbort === null
      ? { ...circumstances, measuredAtAbort: undefined }
      : { version, samples, told, interruptedBy: undefined, measuredAtAbort: measuredAtAbort(plan, atAbort) },
  );
}
