/** Which tiers a machine permits, and which one a run uses. */
import type { Clock } from '../../../core/clock.ts';
import { TIER_CHOICES, type TierChoice } from '../../../core/ownership.ts';
import { err, ok, type Result } from '../../../core/result.ts';
import { hasProcessTable } from '../../system/proc.ts';
import { MARKS_ONLY } from './marks-only.ts';
import type { Tier } from './tier.ts';

const isRoot = (): boolean => process.getuid?.() === 0;

/** Why ordinary users get this tier only when they ask for it. */
const NEEDS_A_USER_NAMESPACE =
  'for an ordinary user it takes a user namespace, in which sudo, su and files of other users do not work; it is used on request';

async function create(name: TierChoice, clock: Clock): Promise<Result<Tier, string>> {
  if (!hasProcessTable) return err('it needs the process table of Linux (/proc)');
  switch (name) {
    case 'pid-namespace': {
      const { PidNamespaceTier } = await import('./pid-namespace.ts');
      return PidNamespaceTier.create(!isRoot(), clock);
    }
    case 'cgroup': {
      const { CgroupTier } = await import('./cgroup.ts');
      return CgroupTier.create(clock);
    }
    case 'subreaper': {
      const { SubreaperTier } = await import('./subreaper.ts');
      return SubreaperTier.create(clock);
    }
    case 'finders':
      return ok(MARKS_ONLY);
  }
}

/**
 * @param asked a tier, or undefined for the strongest that is permitted
 * @param clock the run's
 * @returns the tier, to be closed at the end of the run; or why the one that was asked for is not permitted
 */
export async function openTier(asked: TierChoice | undefined, clock: Clock): Promise<Result<Tier, string>> {
  if (asked !== undefined) return create(asked, clock);
  for (const name of TIER_CHOICES) {
    if (name === 'pid-namespace' && !isRoot()) continue;
    const tier = await create(name, clock);
    if (tier.ok) return tier;
  }
  return ok(MARKS_ONLY);
}

/**
 * The strongest tier that changes nothing about this very process: one that belongs to somebody else, such as a test
 * runner, is not made to adopt orphans.
 */
export async function openTierAsGuest(clock: Clock): Promise<Tier> {
  for (const name of ['pid-namespace', 'cgroup'] as const) {
    if (name === 'pid-namespace' && !isRoot()) continue;
    const tier = await create(name, clock);
    if (tier.ok) return tier.value;
  }
  return MARKS_ONLY;
}

/** Whether a machine permits a tier. */
export interface TierReport {
  readonly tier: TierChoice;
  readonly permitted: boolean;
  /** Why it is not permitted; or, if it is, why it is not used by default. */
  readonly reason: string | null;
}

export async function tryTiers(clock: Clock): Promise<TierReport[]> {
  const reports: TierReport[] = [];
  for (const name of TIER_CHOICES) {
    const tier = await create(name, clock);
    if (tier.ok) await tier.value.close();
    const onlyByName = tier.ok && name === 'pid-namespace' && !isRoot();
    reports.push({
      tier: name,
      permitted: tier.ok,
      reason: tier.ok ? (onlyByName ? NEEDS_A_USER_NAMESPACE : null) : tier.error,
    });
  }
  return reports;
}
