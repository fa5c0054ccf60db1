/** What is known of a run that has not ended: Shakedown was killed, or it still runs. */
import { nameFew } from '../core/few.ts';
import { plural } from '../core/units.ts';
import type { Verdict } from '../core/verdict.ts';
import { labelOf } from './proof.ts';
import { type ComponentState, componentVerdict, type RunState } from './state.ts';

/** Of those that run, so many are named. */
const NAMED = 3;

/** What reports say of a run that stopped in the middle. */
export const NOT_FINISHED = 'the run did not finish: Shakedown was killed';

/** What they say of what had not ended by then. */
export const WAS_RUNNING = 'was running when Shakedown was killed';

/** What a run that is killed leaves behind was written at its start: it may have come further. */
const SO_FAR_KNOWN = 'as far as this report knows';

/** What they say of what had not begun. */
export const NOT_BEGUN = `had not begun, ${SO_FAR_KNOWN}`;

/** How to see how far a run came that has not ended; undefined if it had not begun. */
export const showHint = ({ run }: RunState): string | undefined =>
  run === '' ? undefined : `shakedown show ${run} shows how far it came`;

/** In milliseconds: how long the run took, or has taken by its latest event. */
export const runDuration = ({ finished, elapsedMs }: RunState): number => finished?.durationMs ?? elapsedMs;

/** In milliseconds: how long a component took, or has taken by the latest event. */
export function componentDuration({ progress }: ComponentState, { elapsedMs }: RunState): number {
  if (progress.type === 'finished') return progress.durationMs;
  return progress.type === 'running' ? Math.max(0, elapsedMs - progress.sinceMs) : 0;
}

/** A step, or a service or task that components share. */
interface Around {
  readonly sinceMs: number;
  readonly durationMs: number;
}

/**
 * In milliseconds: how long something around the components took.
 *
 * @param progress what has become of it: if it has not ended, the latest event counts as its end
 */
export const aroundDuration = (
  { sinceMs, durationMs }: Around,
  progress: string,
  { elapsedMs }: RunState,
): number => (isUnderWay(progress) || progress === 'ready' ? Math.max(0, elapsedMs - sinceMs) : durationMs);

/** Whether something around the components has come to no result yet. */
export const isUnderWay = (progress: string): boolean => progress === 'running' || progress === 'starting';

/** What was going on at the latest event, by name. */
const underWay = ({ setup, shared, components, teardown }: RunState): string[] => [
  ...setup.flatMap(({ name, outcome }) => (isUnderWay(outcome) ? [`setup "${name}"`] : [])),
  ...shared.flatMap(({ name, progress }) => (isUnderWay(progress) ? [name] : [])),
  ...components.flatMap((each) => (each.progress.type === 'running' ? [labelOf(each)] : [])),
  ...teardown.flatMap(({ kind, name, outcome }) => (isUnderWay(outcome) ? [`${kind} "${name}"`] : [])),
];

/** How far a run came that has not ended: `1 of 2 components had ended; smoke was running`. */
export function cutShort(state: RunState): { readonly text: string; readonly tone: Verdict } {
  const ended = state.components.filter(({ progress }) => progress.type === 'finished');
  const hasFailed = ended.some((component) => componentVerdict(component) === 'failed');
  const done =
    state.holds === null
      ? `${ended.length} of ${plural(state.components.length, 'component')} had ended`
      : `${plural(state.holds.length, 'service')} had not ended`;
  const names = underWay(state);
  const isUnknown = state.holds === null && ended.length + names.length === 0;
  const running =
    names.length === 0 ? '' : `; ${nameFew(names, NAMED)} ${names.length === 1 ? 'was' : 'were'} running`;
  return {
    text:
      state.run === ''
        ? 'before it began'
        : isUnknown
          ? `nothing had begun, ${SO_FAR_KNOWN}`
          : `${done}${running}`,
    tone: hasFailed ? 'failed' : 'inconclusive',
  };
}
