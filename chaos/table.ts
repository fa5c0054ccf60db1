/** The outcome as text for a terminal, and as Markdown for the documents. */
import type { Cell, Grid, Summary } from './outcome.ts';

export function showMs(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`;
}

/** One cell in the words of the table: how many trials, what was left, the worst time to clean up. */
function showCell({ trials, left, broken, worst }: Cell): string {
  if (trials === 0) return '–';
  if (left === 0) return `${trials}, 0 left, ${showMs(worst)}`;
  return `${trials}, ${left} left${broken === 0 ? ' (not claimed)' : ''}`;
}

function layOut(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

export function showGrid({ what, tiers, rows }: Grid): string {
  return layOut([
    [what, ...tiers, 'innocents hurt'],
    ...rows.map(({ name, cells, hurt }) => [name, ...cells.map(showCell), String(hurt)]),
  ]).join('\n');
}

export function showSummary(summary: Summary, seed: number): string {
  const { trials, left, broken, watched, hurt, faults, worst, seconds } = summary;
  const unclaimed = left - broken;
  return [
    `seed ${seed}: ${trials} trials in ${Math.round(seconds)} s`,
    `${broken} with survivors where the tier claims to hold, ${unclaimed} where it does not`,
    `${hurt} of ${watched} innocents hurt, ${faults} other faults`,
    `worst clean-up ${showMs(worst)} after the end of Shakedown`,
  ].join('\n');
}

/** Held or not, in words for a reader who has not seen a trial. */
function verdictOf({ trials, left, broken, claimed, worst }: Cell): string {
  if (trials === 0) return '–';
  if (broken > 0) return `**not held**: ${left} of ${trials}`;
  if (left > 0)
    return `${claimed ? 'held where promised; ' : 'not promised: '}${left} of ${trials} left something`;
  return `${claimed ? 'held' : 'held, not promised'}: ${trials}, worst ${showMs(worst)}`;
}

export function markdownGrid({ what, tiers, rows }: Grid): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line([what, ...tiers]),
    line(['---', ...tiers.map(() => '---')]),
    ...rows.map(({ name, cells }) => line([`\`${name}\``, ...cells.map(verdictOf)])),
  ].join('\n');
}
