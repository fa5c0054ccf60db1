/** The tables of the documents. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './blocks.ts';

/** The cells of a row. */
const cellsOf = (row: string): string[] =>
  row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The tables below a heading, each as its rows, the first of which is its head. */
export function tablesBelow(document: string, heading: string): string[][][] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/(?:^\|.*\n)+/gm)].map(([table]) => {
    const [head = '', , ...rows] = table.trimEnd().split('\n');
    return [head, ...rows].map(cellsOf);
  });
}
