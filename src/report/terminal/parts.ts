/** What lines of the terminal are made of. */
import { relative } from 'node:path';
import { type Finding, meanwhileLines } from '../../core/finding.ts';
import { formatDuration } from '../../core/units.ts';
import type { Verdict } from '../../core/verdict.ts';
import { consequenceOf } from '../../kinds/index.ts';
import type { Paint } from '../../text/paint.ts';
import { harmLines, mendLines } from '../advice.ts';
import { evidenceLines } from '../evidence.ts';
import type { RunState } from '../state.ts';

export interface LineOptions {
  readonly paint: Paint;
  /** What paths are shown relative to. */
  readonly cwd: string;
}

export const GUTTER = '      ';
export const MARKS = { passed: '✓', failed: '✗', inconclusive: '?', skipped: '○' } as const satisfies Record<
  Verdict,
  string
>;
export const SETUP_MARK = '⚙';
const LEAST_WIDTH = 9;
const NAME_LIMIT = 24;

export const color = (paint: Paint, verdict: Verdict): ((text: string) => string) =>
  ({ passed: paint.good, failed: paint.bad, inconclusive: paint.warn, skipped: paint.dim })[verdict];

/** A duration right-aligned, so that the column reads well. */
export const time = (durationMs: number): string => formatDuration(durationMs).padStart(8);

export function nameWidth(state: RunState): number {
  const asTheyAre = state.components.filter(({ trial }) => trial === null);
  const names = [...asTheyAre, ...state.shared].map(({ name }) => name);
  if (state.setup.length > 0) names.push('setup');
  names.push(...state.teardown.map(({ kind }) => kind));
  return Math.min(NAME_LIMIT, Math.max(LEAST_WIDTH, ...names.map((name) => name.length)));
}

export const shortPath = (path: string, cwd: string): string => {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
};

export function findingBlock(finding: Finding, isFirst: boolean, { paint }: LineOptions): string[] {
  const tint = consequenceOf(finding) === 'failed' ? paint.bad : paint.warn;
  // The result line already shows the first one.
  const head = isFirst ? [] : [`${GUTTER}${tint(`${finding.code}:`)} ${finding.message}`];
  const meanwhile = meanwhileLines(finding).map((line) => `${GUTTER}${tint(line)}`);
  const evidence = evidenceLines(finding).map((line) => `${GUTTER}${paint.dim('│')} ${line}`);
  const hint = finding.hint === undefined ? [] : [`${GUTTER}${paint.dim('→')} ${finding.hint}`];
  const harm = harmLines(finding).map((line) => `${GUTTER}${paint.dim('·')} ${line}`);
  const mend = mendLines(finding).map(
    (line) => `${GUTTER}${line.startsWith('+') ? paint.good(line) : `${paint.dim('→')} ${line}`}`,
  );
  return [...head, ...harm, ...meanwhile, ...evidence, ...mend, ...hint];
}
