/** How steps of the setup are shown. */
import type { SetupState } from '../setup-state.ts';
import type { RunState } from '../state.ts';
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

/** A step that has ended. */
export function setupLines(step: SetupState, state: RunState, options: LineOptions): string[] {
  const { paint, cwd } = options;
  const name = 'setup'.padEnd(nameWidth(state));
  const what = step.name === 'setup' ? '' : step.name;
  if (step.outcome === 'cached')
    return [
      paint.dim(
        `  ${SETUP_MARK} ${name} ${' '.repeat(8)}  ${what === '' ? '' : `${what}: `}unchanged, not run again`,
      ),
    ];
  if (step.outcome === 'done')
    return [
      `  ${paint.good(SETUP_MARK)} ${name} ${paint.dim(`${time(step.durationMs)}  ${what}`.trimEnd())}`,
    ];
  const cause = decisive(step.findings);
  const lines = [
    `  ${paint.bad(MARKS.failed)} ${paint.bold(name)} ${paint.dim(time(step.durationMs))}  ${cause?.message ?? `${step.name} was interrupted`}`,
  ];
  for (const finding of step.findings) lines.push(...findingBlock(finding, finding === cause, options));
  if (step.logFile !== null) lines.push(`${GUTTER}${paint.dim(`log: ${shortPath(step.logFile, cwd)}`)}`);
  return lines;
}
