/**
 * Which tiers claim to hold what. The promises are the product's own; here is what a trial demands of them, and that is
 * the only place that says so.
 */
import { type Guarantee, TIERS, type TierChoice } from '../src/core/ownership.ts';

/** What a behaviour makes hard: it bears no mark of the run, or goes on forking. Most do neither. */
export type Difficulty = 'unmarked' | 'forking';
/** Who is killed by an event: Shakedown, or its watchdog in the same moment as well. */
export type Casualty = 'shakedown' | 'both';

/** What a tier must guarantee so that nobody may be left. */
export function demands(difficulty: Difficulty | undefined, killed: Casualty | undefined): Guarantee[] {
  const mark = difficulty === 'unmarked' ? 'unmarked' : 'marked';
  const needed: Guarantee[] = [killed === undefined ? mark : `${mark}-when-killed`];
  if (difficulty === 'forking') needed.push('forking');
  if (killed === 'both') needed.push('watchdog-killed');
  return needed;
}

export function claims(tier: TierChoice, needed: readonly Guarantee[]): boolean {
  const guarantees: readonly Guarantee[] = TIERS[tier];
  return needed.every((guarantee) => guarantees.includes(guarantee));
}
