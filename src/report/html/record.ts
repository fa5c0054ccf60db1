/** What the page is drawn from. */
import type { Stamped } from '../../core/event.ts';
import { visibleAll } from '../../core/harmless.ts';
import { foldAttempts } from './attempts.ts';
import { type Fold, foldState } from './fold.ts';
import { foldLoads } from './load/fold.ts';
import { foldTimeline } from './timeline-fold.ts';

/** A part of the page that needs more than the state of the run has a line here. */
const FOLDS = {
  state: foldState,
  attempts: foldAttempts,
  timeline: foldTimeline,
  loads: foldLoads,
} as const satisfies Record<string, () => Fold<unknown>>;

type Folds = typeof FOLDS;

/** What each fold has kept, under its name. */
type Kept = { readonly [Name in keyof Folds]: ReturnType<ReturnType<Folds[Name]>['kept']> };

/** All texts are harmless: for people, without anything invisible. */
export interface RunRecord extends Kept {
  /** The same to the letter: for programs, and to open files. */
  readonly exact: Kept;
}

export interface OpenRecord {
  readonly take: (event: Stamped) => void;
  readonly kept: () => RunRecord;
}

export function openRecord(): OpenRecord {
  const folds = Object.entries(FOLDS).map(([name, open]) => [name, open() as Fold<unknown>] as const);
  return {
    take: (event) => {
      for (const [, fold] of folds) fold.take(event);
    },
    kept: () => {
      const exact = Object.fromEntries(folds.map(([name, fold]) => [name, fold.kept()])) as Kept;
      return { ...visibleAll(exact), exact };
    },
  };
}
