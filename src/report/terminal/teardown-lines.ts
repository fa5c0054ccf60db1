/** How it is shown that a run tidies up after itself, and that it goes on doing so when it is interrupted. */
import type { RunEvent } from '../../core/event.ts';
import type { RunState } from '../state.ts';
import type { TeardownState } from '../teardown-state.ts';
import { decisive } from '../worst.ts';
import {
  findingBlock,
  GUTTER,
  type LineOptions,
  MARKS,
  nameWidth,
  SETUP_MARK,
  shortPath,
  time,
} from './parts.ts';

/** An undo, or a step of the teardown, that has ended. */
export function teardownLines(step: TeardownState, state: RunState, options: LineOptions): string[] {
  const { paint, cwd } = options;
  const name = step.kind.padEnd(nameWidth(state));
  if (step.outcome === 'done')
    return [
      `  ${paint.good(SETUP_MARK)} ${name} ${paint.dim(`${time(step.durationMs)}  ${step.name === step.kind ? '' : step.name}`.trimEnd())}`,
    ];
  const cause = decisive(step.findings);
  return [
    `  ${paint.bad(MARKS.failed)} ${paint.bold(name)} ${paint.dim(time(step.durationMs))}  ${cause?.message ?? step.name}`,
    ...step.findings.flatMap((finding) => findingBlock(finding, finding === cause, options)),
    ...(step.logFile === null ? [] : [`${GUTTER}${paint.dim(`log: ${shortPath(step.logFile, cwd)}`)}`]),
  ];
}

/** What an interruption does. */
export function interruptedText({
  again,
  ending,
  undoing,
}: Extract<RunEvent, { type: 'interrupted' }>): string {
  if (undoing !== undefined)
    return again
      ? `again: ${undoing}, and what else is to be tidied up, gets 10 s more`
      : `${undoing} goes on, so that nothing is left; repeat it to give that 10 s at most`;
  if (again) return 'again: killing what is left';
  const what = ending.length === 0 ? 'ending' : `stopping ${ending.join(', ')}`;
  return `${what}; repeat it to kill at once`;
}
