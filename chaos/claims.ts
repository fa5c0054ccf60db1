/** Which tiers claim to hold what. The only place that says so. */

/** Strongest first; what `--ownership` knows. */
export const TIERS = ['pid-namespace', 'cgroup', 'subreaper', 'finders'] as const;

/** Behaviours that bear no mark of the run when the event comes: no environment, no lease, no parent, no session. */
const UNMARKED: ReadonlySet<string> = new Set(['all-marks-gone']);

/** Whether a tier promises that nothing is left of a behaviour, whatever happens. */
export function claims(tier: string, behaviour: string): boolean {
  return tier !== 'finders' || !UNMARKED.has(behaviour);
}
