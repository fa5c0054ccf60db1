/** Annotations: what a workflow shows beside the code. */
import { visibleAll } from '../../core/harmless.ts';
import { shorten } from '../../core/shorten.ts';
import { plural } from '../../core/units.ts';
import { workflowCommand } from '../../core/workflow-command.ts';
import type { Problem } from '../problems.ts';

/** GitHub shows no more of each level for a step. */
const MOST = 10;
/** Lines, and characters. */
const DETAIL = 12;
const LONGEST = 2000;

const cut = (text: string): string => shorten(text, LONGEST);

function annotation({ level, of, code, message, detail, hint, place }: Problem): string {
  const left = detail.length - DETAIL;
  const lines = [
    message,
    ...detail.slice(0, DETAIL).map((line) => `  ${line}`),
    ...(left > 0 ? [`  and ${plural(left, 'more line')}`] : []),
    ...(hint === undefined ? [] : [hint]),
  ];
  return workflowCommand(level, cut(lines.join('\n')), {
    ...{ file: place?.file, line: place?.line, col: place?.column },
    title: cut(`${of}: ${code}`),
  });
}

/** Whether it only says that tests failed, at the line where one of them says so itself. */
const isTwice = ({ code, of, place, hint }: Problem, problems: readonly Problem[]): boolean =>
  code === 'exit-code' &&
  hint === undefined &&
  problems.some(
    (other) =>
      other.code === 'test' &&
      other.of === of &&
      other.place?.file === place?.file &&
      other.place?.line === place?.line,
  );

/**
 * @param problems the worst first
 * @returns commands, one line each; the last says how many more there are than GitHub shows
 */
export function annotationsOf(problems: readonly Problem[]): string[] {
  const shown = (['error', 'warning'] as const).map((level) =>
    problems.filter((each) => each.level === level && !isTwice(each, problems)),
  );
  const left = shown.flatMap((each, at) =>
    each.length > MOST ? [plural(each.length - MOST, at === 0 ? 'more error' : 'more warning')] : [],
  );
  const notice = `${left.join(' and ')}: see the summary of the job, or the log of this step`;
  return [
    ...shown.flatMap((each) => visibleAll(each.slice(0, MOST)).map(annotation)),
    ...(left.length === 0 ? [] : [workflowCommand('notice', notice)]),
  ];
}
