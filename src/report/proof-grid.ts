/** The trials of a proof as matrices, one for each kind of component: what is tried × the fault. */
import type { Finding } from '../core/finding.ts';
import { boundedGrid, type Grid, type GridCell } from '../core/grid.ts';
import { type FaultOutcome, type Judgement, showReach } from '../core/proof.ts';
import { verdictOf } from '../kinds/index.ts';
import { trialsOf } from './proof.ts';
import type { ComponentState, RunState } from './state.ts';

const WORDS = {
  proved: 'noticed',
  blind: 'blind',
  'wrong-reason': 'wrong reason',
  'not-reached': 'not reached',
  ignored: 'ignored',
} as const satisfies Record<FaultOutcome, string>;

/** @returns none if nothing was to be proved */
export function proofGrids(state: RunState): Grid[] {
  const trials = trialsOf(state);
  const kinds = [...new Set(trials.map(({ kind }) => kind))];
  return kinds.map((kind) =>
    gridOf(
      kind ?? '',
      trials.filter((each) => each.kind === kind),
    ),
  );
}

function gridOf(kind: string, trials: readonly ComponentState[]): Grid {
  const cells = trials.flatMap(cellOf);
  return boundedGrid({
    title: `faults of components of the kind ${kind}`,
    ...{ rowsAre: 'what is tried', columnsAre: 'fault', cells },
    rows: [...new Set(cells.map(({ row }) => row))],
    columns: [...new Set(cells.map(({ column }) => column))],
  });
}

function cellOf({ trial, findings, progress }: ComponentState): GridCell[] {
  if (trial === null) return [];
  const { of, subject, fault, judgement } = trial;
  const place = { row: subject === null ? of : `${of}: ${subject}`, column: fault };
  if (judgement === null) {
    const why = progress.type === 'skipped' ? progress.reason : findings[0]?.message;
    return [{ ...place, outcome: 'skipped', text: 'not tried', detail: why === undefined ? [] : [why] }];
  }
  const { noticer, message, isRemembered } = judgement;
  return [
    {
      ...place,
      outcome: outcomeOf(judgement, findings),
      text: `${WORDS[judgement.outcome]}${noticer === 'shakedown' ? ' by Shakedown' : ''}${inBrackets(judgement)}`,
      detail: [
        message,
        ...(noticer === 'shakedown' ? ['Shakedown noticed it, which the check itself did not'] : []),
        ...(isRemembered === true ? ['as an earlier run has found; nothing has changed since'] : []),
        ...(judgement.reach?.where ?? []).map((where) => `changed: ${where}`),
        ...findings.flatMap(({ hint }) => hint ?? []),
      ],
    },
  ];
}

/** A fault that nobody must notice is worth a note at most. */
function outcomeOf({ outcome }: Judgement, findings: readonly Finding[]): GridCell['outcome'] {
  const verdict = verdictOf(findings);
  return verdict === 'passed' && outcome !== 'proved' ? 'note' : verdict;
}

const inBrackets = ({ reach }: Judgement): string =>
  reach === null || reach.changed === 0 ? '' : ` (${showReach(reach)})`;
