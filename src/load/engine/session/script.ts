/**
 * What a user does, as a graph: each place is one request, and says where its outcomes lead. A user only ever holds the
 * place where it is, so there is nothing to work out while the load runs.
 *
 *     before[0] ──▶ before[1] ──▶ (end)                       once
 *     steps[0] ──▶ steps[1] ──▶ (end)                         each iteration
 *        │ 401        ▲
 *        ▼            │
 *     login[0] ──▶ steps[0] again; another 401 is a failure
 *
 * A failure leads out of the graph from everywhere: it ends the iteration.
 */
import type { LoadScenario, LoadStep } from '../../../core/load-scenario.ts';

export interface Place {
  /** The request, by its place in the plan. */
  readonly request: number;
  /** Whether a function makes the request: anew on the way here, or what it made before; null: it is that of the plan. */
  readonly made: 'anew' | 'again' | null;
  /** How long to pause after its response, in milliseconds. */
  readonly think: readonly [from: number, to: number];
  /** What follows a response that passed; null: nothing. */
  readonly next: Place | null;
  /** What follows a response by one of these statuses, which is then no failure; null: there are none. */
  readonly instead: ReadonlyMap<number, Place> | null;
}

export interface Script {
  /** Where the preparation of a user starts; null: there is none. */
  readonly before: Place | null;
  /** Where iterations start: one place, or those to be drawn from. */
  readonly starts: readonly Place[];
  /** Sums of the weights of the starts, up to and including each. */
  readonly weights: readonly number[];
}

/** Steps one after another, and what follows the last. */
function chain(steps: readonly LoadStep[], end: Place | null): Place | null {
  return steps.reduceRight<Place | null>((next, step) => ({ ...step, made: null, next, instead: null }), end);
}

function withRefresh(step: LoadStep, next: Place | null, onStatus: LoadScenario['onStatus']): Place {
  const again: Place = { ...step, made: null, next, instead: null };
  const detours = onStatus.map(({ status, steps }) => [status, chain(steps, again) ?? again] as const);
  return detours.length === 0 ? again : { ...again, instead: new Map(detours) };
}

/** What a function says, again and again; on a status, what it said before once more. */
function asked(step: LoadStep, onStatus: LoadScenario['onStatus']): Place {
  const place = {
    ...step,
    made: 'anew' as const,
    next: null as Place | null,
    instead: new Map<number, Place>(),
  };
  place.next = place;
  const again: Place = { ...place, made: 'again', instead: null };
  for (const { status, steps } of onStatus) place.instead.set(status, chain(steps, again) ?? again);
  return place;
}

/** @param weightOf the weight of a request, by its place in the plan */
export function compileScript(scenario: LoadScenario, weightOf: (request: number) => number): Script {
  const { before, order, steps, onStatus } = scenario;
  const starts =
    order === 'function'
      ? steps.map((step) => asked(step, onStatus))
      : order === 'weighted'
        ? steps.map((step) => withRefresh(step, null, onStatus))
        : [steps.reduceRight<Place | null>((next, step) => withRefresh(step, next, onStatus), null)].filter(
            (start) => start !== null,
          );
  let sum = 0;
  const weights = starts.map(({ request }) => {
    sum += weightOf(request);
    return sum;
  });
  return { before: chain(before, null), starts, weights };
}
