/** The control of a component once more, with the instruments put in place in another way. */
import type { Component } from '../core/suite.ts';
import type { Control, Ground, Sabotage, TrialRecord } from '../kinds/sabotage.ts';
import { isTelling } from './findings.ts';

/** A component that passed its control. */
export interface Subject {
  readonly component: Component;
  /** The same, as it is to be broken. */
  readonly tried: Component;
  readonly sabotage: Sabotage;
  readonly ground: Ground;
  readonly control: Control;
}

/** What one more run takes. */
export interface Means {
  readonly run: (instrumented: Component) => Promise<TrialRecord>;
  /** Makes the folder for its instruments. */
  readonly folder: () => string;
  readonly stop: AbortSignal;
}

/**
 * Puts the instruments in place in another way, if the component went around them.
 *
 * @returns the component in that way; as it was, and why, if it does not pass so; undefined if it did not go around them
 */
export async function controlOtherwise(
  subject: Subject,
  { run, folder, stop }: Means,
): Promise<Subject | undefined> {
  const { component, sabotage, ground, control } = subject;
  const tried = sabotage.otherwise?.(component, control);
  if (tried === undefined || stop.aborted) return undefined;
  const instrumented = await sabotage.instrument(tried, folder(), ground);
  if (!instrumented.ok) return undefined;
  const again = await run(instrumented.value);
  const obstacle = again.findings.find(isTelling);
  if (obstacle === undefined) return { ...subject, tried, control: again };
  return stop.aborted ? undefined : { ...subject, control: { ...control, obstacle } };
}
