/** The verdict as a badge, in the JSON that shields.io draws one from: `https://img.shields.io/endpoint?url=…`. */
import type { Verdict } from '../core/verdict.ts';
import type { RunState } from './state.ts';
import { headlineOf } from './summary.ts';

const COLORS = {
  passed: 'brightgreen',
  failed: 'red',
  inconclusive: 'yellow',
  skipped: 'lightgrey',
} as const satisfies Record<Verdict, string>;

/** @param state of a run; one that has not finished is a badge that says so */
export function badgeReport(state: RunState): string {
  const verdict = state.finished?.verdict;
  const message = verdict === undefined ? 'not finished' : headlineOf(state, verdict).text;
  const color = COLORS[verdict ?? 'skipped'];
  return `${JSON.stringify({ schemaVersion: 1, label: 'shakedown', message, color, isError: verdict === 'failed' })}\n`;
}
