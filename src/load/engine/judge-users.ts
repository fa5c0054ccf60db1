/** Judges what became of the users of a load with steps. */
import type { LoadFailure, LoadPlan, LoadResult } from '../../core/load.ts';
import { plural } from '../../core/units.ts';
import type { LoadFinding } from '../findings.ts';
import type { Preparation } from '../merge/report.ts';

/**
 * @param evidenceOf shows failures in full
 * @returns what is wrong with users that were not prepared
 */
export function preparationFindings(
  { ended }: Pick<LoadResult, 'ended'>,
  { scenario }: LoadPlan,
  preparation: Preparation | null,
  evidenceOf: (failures: readonly LoadFailure[]) => string[],
): LoadFinding[] {
  if (scenario === null || preparation === null || preparation.lockedOut === 0) return [];
  const { lockedOut: count, failures } = preparation;
  const why = `${failures[0]?.message ?? 'no example was kept'}`;
  const evidence = evidenceOf(failures);
  if (ended === 'locked-out')
    return [{ code: 'zero-work', message: `nothing was sent, as no user got in: ${why}`, evidence }];
  const of = `${plural(count, 'user')} of ${scenario.users}`;
  return [{ code: 'users-locked-out', message: `${of} never got in: ${why}`, evidence, count }];
}

/** A step is sent once more when `onStatus` was carried out: that it fails all the same is to be known. */
export function afterOnStatus(
  failure: LoadFailure | undefined,
  { scenario, requests }: LoadPlan,
): { readonly hint?: string } {
  const status = Number(/ answered (\d{3}), /.exec(failure?.message ?? '')?.[1]);
  const isCaught = scenario?.onStatus.some((each) => each.status === status) === true;
  const isStep = scenario?.steps.some(({ request }) => requests[request]?.name === failure?.name) === true;
  return isCaught && isStep
    ? {
        hint: `that is after \`onStatus\`: ${status} came once more; does the step send what was captured there?`,
      }
    : {};
}

/** Requests may all be answered, and still nobody got to the end of the steps. */
export function withoutIteration({
  iterations,
  ended,
}: Pick<LoadResult, 'iterations' | 'ended'>): LoadFinding[] {
  if (iterations === null || iterations.completed > 0 || ended !== 'limit') return [];
  const { scheduled, failed } = iterations;
  return [
    {
      code: 'zero-work',
      message: `no iteration was completed: of ${scheduled.toLocaleString('en-US')} that were due, ${failed.toLocaleString('en-US')} failed, and time was up for the others`,
      hint: 'give it more time, or expect what the server answers: `expect` in a step',
    },
  ];
}
