/** How strongly Shakedown owns what it starts, and what each tier guarantees. */

/** A guarantee about the processes that a component starts. */
export type Guarantee =
  /** Ends what bears the run's environment, open file or limit, or was seen to descend from it. */
  | 'marked'
  /** Ends even what clears its environment, closes all files and leaves its session and parent. */
  | 'unmarked'
  /** Ends even what forks and exits without pause, so that no scan of the process table catches it. */
  | 'forking'
  /** `marked` holds even when Shakedown is killed by SIGKILL, or crashes. */
  | 'marked-when-killed'
  /** `unmarked` holds even when Shakedown is killed by SIGKILL, or crashes. */
  | 'unmarked-when-killed'
  /** And even when its watchdog is killed at the same moment. */
  | 'watchdog-killed';

/** What each means, for users: what is ended. */
export const GUARANTEE_TEXTS = {
  marked:
    'whatever inherits the environment, files or limit of a run, or was seen as a descendant of something that does',
  unmarked: 'whatever clears its environment, closes its files and detaches from its parents',
  forking: 'whatever keeps forking and exiting faster than anyone can look',
  'marked-when-killed': 'the first of these, even when Shakedown is killed with SIGKILL or crashes',
  'unmarked-when-killed': 'the second, even when Shakedown is killed with SIGKILL or crashes',
  'watchdog-killed': 'all of them, even when its watchdog is killed at the same moment',
} as const satisfies Record<Guarantee, string>;

/** The tiers, strongest first, with their guarantees. */
export const TIERS = {
  'pid-namespace': [
    'marked',
    'unmarked',
    'forking',
    'marked-when-killed',
    'unmarked-when-killed',
    'watchdog-killed',
  ],
  cgroup: ['marked', 'unmarked', 'forking', 'marked-when-killed', 'unmarked-when-killed'],
  subreaper: ['marked', 'unmarked', 'marked-when-killed'],
  finders: ['marked', 'marked-when-killed'],
  /** Without a process table only the groups that were started are known. */
  'process-group': [],
} as const satisfies Record<string, readonly Guarantee[]>;

export type OwnershipTier = keyof typeof TIERS;

/** The tiers that can be requested, strongest first. */
export const TIER_CHOICES = [
  'pid-namespace',
  'cgroup',
  'subreaper',
  'finders',
] as const satisfies readonly OwnershipTier[];
export type TierChoice = (typeof TIER_CHOICES)[number];

/** What a run uses. */
export interface Ownership {
  readonly tier: OwnershipTier;
  readonly guarantees: readonly Guarantee[];
}

export const ownershipOf = (tier: OwnershipTier): Ownership => ({ tier, guarantees: TIERS[tier] });
