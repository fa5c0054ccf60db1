/** How strongly Shakedown owns what it starts, and what each strength promises. */

/** What can be promised of processes that a component starts. */
export type Guarantee =
  /** What has the environment, an open file or the limit of the run, or descends from what has and was seen doing so, is ended. */
  | 'marked'
  /** What empties its environment, closes every file and leaves its session and its parent is ended all the same. */
  | 'unmarked'
  /** What forks and ends without pause, so that no look at the process table catches it, is ended all the same. */
  | 'forking'
  /** `marked` holds also when Shakedown is killed by SIGKILL, or crashes. */
  | 'marked-when-killed'
  /** `unmarked` holds also when Shakedown is killed by SIGKILL, or crashes. */
  | 'unmarked-when-killed'
  /** And when its watchdog is killed in the same moment. */
  | 'watchdog-killed';

/** What each means, for a person: who is ended. */
export const GUARANTEE_TEXTS = {
  marked:
    'whatever inherits the environment, files or limit of a run, or was seen as a descendant of something that does',
  unmarked: 'whatever clears its environment, closes its files and detaches from its parents',
  forking: 'whatever keeps forking and exiting faster than anyone can look',
  'marked-when-killed': 'the first of these, even when Shakedown is killed with SIGKILL or crashes',
  'unmarked-when-killed': 'the second, even when Shakedown is killed with SIGKILL or crashes',
  'watchdog-killed': 'all of them, even when its watchdog is killed at the same moment',
} as const satisfies Record<Guarantee, string>;

/** The tiers, the strongest first, each with what it promises. */
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
  /** Where there is no process table: nobody is known but the groups that were started. */
  'process-group': [],
} as const satisfies Record<string, readonly Guarantee[]>;

export type OwnershipTier = keyof typeof TIERS;

/** The tiers that can be asked for, the strongest first. */
export const TIER_CHOICES = [
  'pid-namespace',
  'cgroup',
  'subreaper',
  'finders',
] as const satisfies readonly OwnershipTier[];
export type TierChoice = (typeof TIER_CHOICES)[number];

/** What is in force in a run. */
export interface Ownership {
  readonly tier: OwnershipTier;
  readonly guarantees: readonly Guarantee[];
}

export const ownershipOf = (tier: OwnershipTier): Ownership => ({ tier, guarantees: TIERS[tier] });
