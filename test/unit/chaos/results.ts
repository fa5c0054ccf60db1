/** Results for the tests of what is made of them. */
import type { Survivor } from '../../../chaos/survey.ts';
import type { TrialResult } from '../../../chaos/trial.ts';

export const SURVIVOR: Survivor = {
  pid: 4711,
  startTicks: 1,
  command: 'python3 daemon.py',
  by: ['marker', 'births'],
};

interface Told {
  readonly behaviour?: string;
  readonly event?: string;
  readonly tier?: string;
}

/** A trial in which all went well, except for what is said. */
export function resultOf(
  { behaviour = 'child', event = 'sigkill', tier = 'finders' }: Told,
  but: Partial<TrialResult> = {},
): TrialResult {
  return {
    trial: {
      ...{ seed: 1, number: 1, behaviour, event, tier },
      ...{
        moment: 'all',
        delay: 0,
        innocent: null,
        asService: false,
        round: 0,
        fault: 0,
        isShared: false,
        isUndone: false,
        isTask: false,
      },
    },
    claimed: true,
    lingered: [],
    survivors: [],
    cleanUpMs: 120,
    endMs: 5,
    innocents: { watched: 0, hurt: [] },
    faults: [],
    ...but,
  };
}

/** One that left somebody. */
export const leaving = (told: Told, claimed = true): TrialResult =>
  resultOf(told, { claimed, survivors: [SURVIVOR], cleanUpMs: null });
