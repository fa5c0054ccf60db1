/** How trials are shown: a table with a line for each fault, and a summary. */
import type { Finding } from '../../core/finding.ts';
import { CONTROL, type Judgement, showFault, type TrialName } from '../../core/proof.ts';
import { formatDuration, plural } from '../../core/units.ts';
import type { Paint } from '../../text/paint.ts';
import { trialsOf } from '../proof.ts';
import type { ComponentState, RunState } from '../state.ts';
import { type LineOptions, shortPath } from './parts.ts';

const LEAST_WIDTH = 9;
const WIDEST_FAULT = 32;
const WORD_WIDTH = 'not reached'.length;

/** In characters: how long a row of the table may be. Reports contain everything. */
const LONGEST = 140;

const inBrief = (message: string): string =>
  message.length <= LONGEST ? message : `${message.slice(0, LONGEST - 2).trimEnd()} …`;

/** The mark and the word for an outcome. A fault that must be noticed and was not stands out. */
function outcomeWord({ outcome, reach }: Judgement, isDemanded: boolean): { mark: string; word: string } {
  switch (outcome) {
    case 'proved':
      return { mark: '✓', word: 'proved' };
    case 'blind':
      return isDemanded ? { mark: '✗', word: 'BLIND' } : { mark: '○', word: 'blind' };
    case 'wrong-reason':
      return isDemanded ? { mark: '✗', word: 'WRONG' } : { mark: '○', word: 'wrong' };
    case 'not-reached':
      return { mark: isDemanded && reach?.impossible === undefined ? '?' : '○', word: 'not reached' };
    case 'ignored':
      return { mark: '○', word: 'ignored' };
  }
}

const tintOf = (mark: string, paint: Paint): ((text: string) => string) =>
  ({ '✓': paint.good, '✗': paint.bad, '?': paint.warn })[mark] ?? paint.dim;

function widths(state: RunState): { of: number; fault: number } {
  const trials = state.components.flatMap(({ trial }) => trial ?? []);
  return {
    of: Math.max(LEAST_WIDTH, ...trials.map(({ of }) => of.length)),
    fault: Math.min(WIDEST_FAULT, Math.max(LEAST_WIDTH, ...trials.map((trial) => showFault(trial).length))),
  };
}

/** The hints of earlier trials of the same component: each is shown once. */
const hintsBefore = (component: ComponentState, { components }: RunState): ReadonlySet<string> =>
  new Set(
    components
      .filter((other) => other !== component && other.trial?.of === component.trial?.of)
      .filter(({ progress }) => progress.type === 'finished')
      .flatMap(({ findings }) => findings.flatMap(({ hint }) => hint ?? [])),
  );

/** A row of the table. */
function rowOf(trial: TrialName, state: RunState, paint: Paint) {
  const width = widths(state);
  return (mark: string, word: string, text: string): string =>
    `  ${trial.of.padEnd(width.of)} ${showFault(trial).padEnd(width.fault)} ${tintOf(mark, paint)(`${mark} ${word.padEnd(WORD_WIDTH)}`)} ${text}`;
}

/** The line of a trial that was never begun. */
export const skippedTrial = (trial: TrialName, reason: string, state: RunState, paint: Paint): string =>
  rowOf(trial, state, paint)('○', 'skipped', reason);

/** The lines of a trial that has ended. */
export function trialLines(
  component: ComponentState,
  state: RunState,
  { paint, cwd }: LineOptions,
): string[] {
  const { trial, findings, logFile } = component;
  if (trial === null) return [];
  const indent = ' '.repeat(widths(state).of + 3);
  const row = rowOf(trial, state, paint);
  const said = hintsBefore(component, state);
  const hints = (of: readonly Finding[]): string[] =>
    of.flatMap(({ hint }) =>
      hint === undefined || said.has(hint) ? [] : [`${indent}${paint.dim('→')} ${hint}`],
    );
  const { judgement } = trial;
  if (judgement === null) {
    const [first] = findings;
    // A control that passed is not worth a line.
    if (first === undefined) return [];
    const evidence = (first.evidence ?? []).map((line) => `${indent}${paint.dim('│')} ${line}`);
    return [
      row('?', trial.fault === CONTROL ? 'no proof' : 'not tried', first.message),
      ...evidence,
      ...hints([first]),
    ];
  }
  const { mark, word } = outcomeWord(judgement, trial.isDemanded);
  const noticer =
    judgement.noticer === 'shakedown' ? paint.dim(' (noticed by Shakedown, not by the check)') : '';
  const remembered = judgement.isRemembered === true ? paint.dim('as before: ') : '';
  const log =
    mark === '✗' && logFile !== null ? [`${indent}${paint.dim(`log: ${shortPath(logFile, cwd)}`)}`] : [];
  return [
    row(mark, word, `${remembered}${inBrief(judgement.message)}${noticer}`),
    ...hints(findings),
    ...log,
  ];
}

/** What is still to come, in one line: there are too many trials to name. */
export function trialsToCome(state: RunState): string | undefined {
  const trials = trialsOf(state);
  const waiting = trials.filter(({ progress }) => progress.type === 'waiting').length;
  if (waiting === 0) return undefined;
  const ended = trials.flatMap(({ progress }) => (progress.type === 'finished' ? progress.durationMs : []));
  const took = ended.filter((durationMs) => durationMs > 0);
  const running = Math.max(1, trials.filter(({ progress }) => progress.type === 'running').length);
  const sum = took.reduce((total, durationMs) => total + durationMs, 0);
  const left =
    took.length === 0 ? '' : `, about ${formatDuration(((sum / took.length) * waiting) / running)}`;
  return `then ${plural(waiting, 'more fault', 'more faults')}${left}`;
}
